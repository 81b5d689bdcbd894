"""``python -m bench.evaluate [--seeds N] [--days N]``: prints how much was found and writes ``evaluate.json``."""

import argparse
from pathlib import Path

from bench.evaluate.section import evaluate
from bench.evaluate.worlds import HELD_OUT_SEEDS, TUNING_SEEDS, EvaluatedWorld

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Afterwards ``evaluate.json``, or ``evaluate_tuning.json``, holds the figures of the worlds asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many worlds (default 20)")
    parser.add_argument("--days", type=int, default=60, help="mornings of each (default 60)")
    parser.add_argument("--asins", type=int, default=150, help="products of each (default 150)")
    parser.add_argument("--history", type=int, default=180, help="days of reports before the first morning")
    parser.add_argument("--marts-every", type=int, default=1, help="build marts for so many mornings at once")
    parser.add_argument("--jobs", type=int, default=2, help="worlds at a time; each takes two processes and Postgres")
    parser.add_argument("--tuning", action="store_true", help="the seeds that thresholds may be settled on")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    asked = parser.parse_args()
    seeds = TUNING_SEEDS if asked.tuning else HELD_OUT_SEEDS
    if not 1 <= asked.seeds <= len(seeds):
        parser.error(f"--seeds must be 1 to {len(seeds)}")
    worlds = [EvaluatedWorld(seed, asked.days, asked.asins, asked.history) for seed in seeds[: asked.seeds]]
    name = "evaluate_tuning" if asked.tuning else "evaluate"
    section = evaluate(worlds, asked.jobs, asked.marts_every, name)
    section.print()
    print(f"written to {section.write(asked.results)}")


if __name__ == "__main__":
    main()
