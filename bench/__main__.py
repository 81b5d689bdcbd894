"""``python -m bench [SECTION] [--runs N] [--rows N] [--asins N]``: prints each section's table and writes its JSON."""

import argparse
from collections.abc import Callable
from pathlib import Path

from bench.figures import Section
from bench.load.section import ROWS, measure_load
from bench.marts.section import ASINS, measure_marts

RESULTS = Path(__file__).parent / "results"
SECTIONS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "load": lambda asked: measure_load(asked.rows, asked.runs),
    "marts": lambda asked: measure_marts(asked.asins, asked.runs),
}


def main() -> None:
    """Afterwards ``bench/results/<section>.json`` holds the figures of every section asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("section", nargs="?", default="all", choices=["all", *SECTIONS])
    parser.add_argument("--runs", type=_positive, default=5, help="how often everything is measured (default 5)")
    parser.add_argument("--rows", type=_positive, default=ROWS, help=f"rows of the document (default {ROWS:,})")
    parser.add_argument("--asins", type=_positive, default=ASINS, help=f"products of the account (default {ASINS:,})")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    asked = parser.parse_args()
    for name in SECTIONS if asked.section == "all" else [asked.section]:
        section = SECTIONS[name](asked)
        section.print()
        print(f"written to {section.write(asked.results)}")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    main()
