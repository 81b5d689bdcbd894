"""The report's own totals per day: which days it delivers, and what their figures should add up to."""

from dataclasses import dataclass
from datetime import date

import msgspec

from daybreak.landing.decoded import Figure
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.layouts import LAYOUTS, aggregate_type
from daybreak.landing.rejections import ROW_ERRORS, RowProblem, explain
from daybreak.landing.slices import PeriodGrid
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import PeriodReport

_NEXT_STEP = "Nothing is published and the bytes stay as landed; ask Amazon for the report again"


@dataclass(frozen=True)
class Aggregates:
    """``figures[day][column]`` for every aggregated day, amounts and ratios as Amazon wrote them."""

    figures: dict[date, dict[str, Figure]]
    unknown_fields: frozenset[str]


def decode_aggregates(
    member: msgspec.Raw, dataset: PeriodReport, expected: ExpectedReport, grid: PeriodGrid, file_name: str
) -> Aggregates:
    """The aggregate member, typed; a measure that is null or absent is None.

    Raises:
        UnreadableDocument: an entry has a wrong type, currency or date, or a day stands twice: a report whose own
            totals cannot be read cannot be trusted on which days it delivers.
    """
    checked = msgspec.json.Decoder(aggregate_type(dataset.key, expected.currency_code, is_exact=False))
    exact = msgspec.json.Decoder(aggregate_type(dataset.key, expected.currency_code, is_exact=True))
    measures = LAYOUTS[dataset.key].measures
    known = {"startDate", "endDate", *LAYOUTS[dataset.key].unused, *(measure.amazon_name for measure in measures)}
    figures: dict[date, dict[str, Figure]] = {}
    unknown: set[str] = set()
    for number, entry in enumerate(_entries(member, dataset, file_name), 1):
        try:
            # Decimal would also take a number in quotes; the check by float does not.
            checked.decode(entry)
            start, end, *values = msgspec.structs.astuple(exact.decode(entry))
            names = msgspec.json.decode(entry, type=dict[str, msgspec.Raw]).keys()
        except ROW_ERRORS as error:
            raise _unreadable(dataset, number, explain(error, expected.currency_code), file_name) from None
        period = grid.period(start, end)
        if isinstance(period, RowProblem):
            raise _unreadable(dataset, number, period, file_name)
        if period.day in figures:
            raise _unreadable(dataset, number, RowProblem("startDate", f"{period.day} stands twice"), file_name)
        figures[period.day] = {
            measure.column: getattr(value, "amount", value) for measure, value in zip(measures, values, strict=True)
        }
        unknown |= {f"{dataset.aggregate_member}.{name}" for name in names - known}
    return Aggregates(figures, frozenset(unknown))


def _entries(member: msgspec.Raw, dataset: PeriodReport, file_name: str) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(member, type=list[msgspec.Raw])
    except ROW_ERRORS as error:
        raise UnreadableDocument(file_name, f"{dataset.aggregate_member} cannot be read: {error}", _NEXT_STEP) from None


def _unreadable(dataset: PeriodReport, number: int, problem: RowProblem, file_name: str) -> UnreadableDocument:
    field = f" $.{problem.field}:" if problem.field else ""
    return UnreadableDocument(
        file_name, f"{dataset.aggregate_member}, entry {number}:{field} {problem.what}", _NEXT_STEP
    )
