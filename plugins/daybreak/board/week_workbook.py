"""The client's Monday report of one week as an Excel workbook: a sheet for each part, every row of it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from daybreak.accounts import Language
from daybreak.board.week_facts import Action, Control, Incident, Product, Recovery, Totals, WeekReport
from daybreak.board.week_words import code_words, week_words
from daybreak.board.workbook import Sheet, workbook_bytes
from daybreak.controls.control_words import action_words, cause_words

_BEFORE = "_before"
# Sheet, what its rows are, and the headings of columns that mean something else elsewhere.
_PARTS: tuple[tuple[str, str, type, Mapping[str, str]], ...] = (
    ("by_product", "products", Product, {}),
    ("incidents", "incidents", Incident, {"cause_code": "loss_cause_code"}),
    ("controls", "controls", Control, {"cause_code": "cause", "action_code": "action", "asins": "asin"}),
    ("done", "actions", Action, {"cause_code": "cause", "asins": "asin"}),
    ("brought", "recoveries", Recovery, {}),
)
_CODES_OF_WEEK = frozenset(
    {
        "observation_code", "branch_code", "data_status_code", "loss_cause_code", "human_status_code", "advice_code",
        "approval_code", "cause_code", "action_code",
    }
)  # fmt: skip


def week_workbook(report: WeekReport, language: Language) -> bytes:
    """The report as the bytes of an ``.xlsx`` file, the same for equal reports. Instants are on the account's clock."""
    words = week_words(language)
    sheets = [_summary(report, words)]
    for title, part, kind, headings in _PARTS:
        names = [field.name for field in fields(kind)]
        columns = [(name, _heading(headings.get(name, name), words)) for name in names]
        rows: Sequence[Any] = getattr(report, part)
        cells = [{name: _cell(row, name, report.time_zone, language) for name in names} for row in rows]
        sheets.append(Sheet(words[title], columns, cells))
    return workbook_bytes(sheets)


def _summary(report: WeekReport, words: Mapping[str, str]) -> Sheet:
    measures = [field.name for field in fields(Totals)]
    weeks = [(words["this_week"], report.totals), (words["week_before"], report.totals_before)]
    return Sheet(
        words["summary"],
        [("week", words["measure"]), *((name, words[name]) for name in measures)],
        [{"week": week} | {name: getattr(totals, name, None) for name in measures} for week, totals in weeks],
    )


def _heading(name: str, words: Mapping[str, str]) -> str:
    if name.endswith(_BEFORE):
        return f"{words[name.removesuffix(_BEFORE)]}, {words['before']}"
    return words[name]


def _cell(row: Any, name: str, time_zone: str, language: Language) -> Any:
    value = getattr(row, name)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(time_zone))
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is not None and name == "cause_code" and not isinstance(row, Incident):
        return cause_words(value, language)
    if name == "action_code" and isinstance(row, Control):
        return action_words(value, language)
    return code_words(value, language) if name in _CODES_OF_WEEK else value
