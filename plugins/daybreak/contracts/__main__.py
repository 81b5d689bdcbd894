"""``python -m daybreak.contracts --check | --write``: is the data dictionary what the contracts say?"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from daybreak.contracts.dictionary import render_dictionary
from daybreak.contracts.table_contracts import ContractError, read_contracts
from daybreak.settings import CHECKOUT, SQL_DIR

DICTIONARY = CHECKOUT / "docs" / "data_dictionary.md"


def run(arguments: Sequence[str] | None = None, directory: Path = SQL_DIR, page: Path = DICTIONARY) -> int:
    """0 when the page is current afterwards, 1 when ``--check`` found it stale, 2 when a contract is wrong."""
    parser = argparse.ArgumentParser(prog="python -m daybreak.contracts", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="change nothing; exit 1 when the page is stale")
    mode.add_argument("--write", action="store_true", help="write the page anew")
    chosen = parser.parse_args(arguments)
    try:
        contracts = read_contracts(directory)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    text = render_dictionary(contracts)
    is_current = page.exists() and page.read_text() == text
    if chosen.check and not is_current:
        print(f"{page} is not what the contracts say: run 'daybreak docs' and commit the result", file=sys.stderr)
        return 1
    if not is_current:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)
    print(f"{page}: {len(contracts)} tables, current")
    return 0


if __name__ == "__main__":
    sys.exit(run())
