"""Judges how many rows each day of a document has, beside what its series and the other accounts let expect.

Pure functions over plain numbers; whoever staged the document gathers them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from daybreak.quality.gate import GateResult
from daybreak.quality.wording import EXAMPLES_KEPT

LEAST_USUAL_SHARE = Fraction(1, 2)
"""Of a day's usual rows. A catalogue does not halve overnight; a report cut short does."""

KNOWN_DAYS_NEEDED = 7
"""With fewer published days before it, a whole week among them, nobody knows what is usual."""

LEAST_KEPT_SHARE = Fraction(3, 5)
"""Of a day's published rows. A restatement moves figures and adds rows; it hardly takes ASINs away."""

FEW_ROWS = 20
"""Below it one ASIN more or less is a large share, and no share is judged."""


@dataclass(frozen=True)
class DaySize:
    """The rows of one changed day of the document beside what the account's series lets expect.

    ``published_row_count`` is null where the day is not published. ``usual_row_count`` is the median over the newest
    published days before this one, ``known_day_count`` of them (at most 28); null where there is none.
    Of the other accounts' newest reports of the day, ``filled_elsewhere_count`` have rows and ``empty_elsewhere_count``
    have none although days before it have some; they are gathered for a day without rows only.
    """

    business_date: date
    row_count: int
    published_row_count: int | None
    usual_row_count: float | None
    known_day_count: int
    filled_elsewhere_count: int = 0
    empty_elsewhere_count: int = 0

    @property
    def is_short(self) -> bool:
        """Has fewer than half its usual rows, where enough days are known and the usual number is not small."""
        usual = self.usual_row_count
        is_judged = usual is not None and usual >= FEW_ROWS and self.known_day_count >= KNOWN_DAYS_NEEDED
        return is_judged and self.row_count < LEAST_USUAL_SHARE * Fraction(usual or 0)

    @property
    def is_empty_everywhere(self) -> bool:
        """Has no row, here as in every other account's report of the day, one at least of which should have some."""
        return self.row_count == 0 and self.filled_elsewhere_count == 0 and self.empty_elsewhere_count > 0

    @property
    def is_emptied(self) -> bool:
        """Has no row at all where days before it have, and is not known to be so for every account."""
        return self.row_count == 0 and (self.usual_row_count or 0) > 0 and not self.is_empty_everywhere

    @property
    def is_shrunk(self) -> bool:
        """Would keep fewer than 60 % of its published rows, where those are not few."""
        published = self.published_row_count
        return published is not None and published >= FEW_ROWS and self.row_count < LEAST_KEPT_SHARE * published

    @property
    def told(self) -> str:
        """Day, rows, usual rows and published rows in words."""
        usual = "no published day before it"
        if self.usual_row_count is not None:
            usual = f"usually {self.usual_row_count:g} (median of {self.known_day_count} published days before it)"
        published = "" if self.published_row_count is None else f", {self.published_row_count} published"
        return f"{self.business_date}: {self.row_count} rows, {usual}{published}{self._elsewhere}"

    @property
    def _elsewhere(self) -> str:
        if self.row_count:
            return ""
        if self.is_empty_everywhere:
            return f", none either in {_accounts(self.empty_elsewhere_count)} that brought the day"
        if self.filled_elsewhere_count:
            having = "has" if self.filled_elsewhere_count == 1 else "have"
            return f", while {_accounts(self.filled_elsewhere_count)} {having} rows of the day"
        return ", and no other account has brought the day"


def judge_day_sizes(sizes: Sequence[DaySize]) -> list[GateResult]:
    """One result per check over the changed days of a document; each failure names day, rows and usual rows.

    Blocks: a day with fewer than half its usual rows, a day without rows where days before it have some or where every
    account's report is without rows, a published day that would lose more than 40 % of its rows.
    """
    short, short_why = f"fewer than {float(LEAST_USUAL_SHARE):.0%} of their usual rows", "ASINs are missing"
    empty = "no row where days before them have some"
    empty_why = "Amazon sends a day empty before it is ready; if the others have it, look at this account's catalogue"
    nowhere = "no row in any account's report"
    nowhere_why = "That is Amazon's failure and no day without sales; the next run asks for it again"
    shrunk, shrunk_why = f"fewer than {float(LEAST_KEPT_SHARE):.0%} of their published rows", "The others would go"
    return [
        _judge_sizes("rows_of_day_near_usual", short, short_why, sizes, [size for size in sizes if size.is_short]),
        _judge_sizes("delivered_day_not_empty", empty, empty_why, sizes, [size for size in sizes if size.is_emptied]),
        _judge_sizes(
            "day_not_empty_for_every_account", nowhere, nowhere_why, sizes, [s for s in sizes if s.is_empty_everywhere]
        ),
        _judge_sizes("published_rows_kept", shrunk, shrunk_why, sizes, [size for size in sizes if size.is_shrunk]),
    ]


def _judge_sizes(
    expectation: str, what: str, why: str, sizes: Sequence[DaySize], failed: Sequence[DaySize]
) -> GateResult:
    told = "; ".join([*(size.told for size in failed[:5]), *("…" for _ in failed[5:6])])
    return GateResult(
        expectation,
        "business_date",
        "critical",
        not failed,
        f"{len(failed)} of {len(sizes)} changed days have {what}{f': {told}. {why}' if failed else ''}.",
        unexpected_row_count=len(failed),
        examples=[
            {
                "business_date": size.business_date.isoformat(),
                "row_count": str(size.row_count),
                "usual_row_count": None if size.usual_row_count is None else f"{size.usual_row_count:g}",
                "published_row_count": None if size.published_row_count is None else str(size.published_row_count),
            }
            for size in failed[:EXAMPLES_KEPT]
        ],
    )


def _accounts(count: int) -> str:
    return f"{count} other {'account' if count == 1 else 'accounts'}"
