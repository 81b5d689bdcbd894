"""What on-call is told: the verdict's own words, read from the ledger, each with the command that goes on from it."""

import re
from collections.abc import Sequence

from daybreak.board.alert_letter import Trouble
from daybreak.steps.verdict import SeriesState

_LOAD = re.compile(r"\bload (\d+) \(")
_MART = re.compile(r"^(\S+) mart\.(\w+) is not built for (\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?")
_ACCOUNT = re.compile(r"^([a-z][a-z0-9_]{1,40})\b")


def read_alert(series: Sequence[SeriesState], refusals: Sequence[str]) -> list[Trouble]:
    """Every red place of a morning, the missing days first."""
    missing = [Trouble(each.sentence(), _series_command(each)) for each in series if each.is_red]
    return missing + [Trouble(sentence, _refusal_command(sentence)) for sentence in refusals]


def _series_command(state: SeriesState) -> str:
    if state.is_account_refused:
        return f"daybreak doctor --account {state.account_id}"
    return f"daybreak status --account {state.account_id}"


def _refusal_command(sentence: str) -> str:
    if found := _LOAD.search(sentence):
        return f"daybreak gate show {found[1]}"
    if found := _MART.match(sentence):
        account_id, mart, first, last = found.groups()
        return f"daybreak build {mart} --from {first} --to {last or first} --account {account_id}"
    account = _ACCOUNT.match(sentence)
    return f"daybreak doctor --account {account[1]}" if account else "daybreak status"
