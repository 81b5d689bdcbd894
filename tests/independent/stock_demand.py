"""What an ASIN sells a day: the days looked at, the demand, its trend, the month and the forecast."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from tests.independent.exact_numbers import ninth, total
from tests.independent.stock_history import AccountHistory, AsinHistory, PublishedDay

MOST_DAYS = 28
FEWEST_DAYS = 7


@dataclass
class Forecast:
    """Amazon's weekly means for one ASIN of the account's newest generation, spread evenly over each week's days."""

    weekly: dict[date, Fraction | None]
    day: date

    def daily(self, offset: int) -> Fraction | None:
        """The mean of day d + ``offset``; weeks begin on Sunday."""
        wanted = self.day + timedelta(days=offset)
        sunday = wanted - timedelta(days=wanted.isoweekday() % 7)
        mean = self.weekly.get(sunday)
        return None if mean is None else mean / 7

    def next_days(self, count: int) -> Fraction | None:
        """The sum of d+1 … d+count; None unless the generation names every one of them."""
        means = [self.daily(offset) for offset in range(1, count + 1)]
        known = [mean for mean in means if mean is not None]
        return sum(known, Fraction(0)) if len(known) == count else None

    def days_covered(self, on_hand: int) -> Fraction | None:
        """Days from the start of d+1 until a day needs more than is left of ``on_hand``; None when they end before."""
        left, offset = Fraction(on_hand), 0
        while (mean := self.daily(offset + 1)) is not None:
            if left < mean:
                return offset + left / mean
            left -= mean
            offset += 1
        return None


class Demand:
    """The demand for one ASIN as seen on one day. Nothing is rounded here."""

    def __init__(self, account: AccountHistory, asin: AsinHistory, day: date, on_hand: int | None) -> None:
        self.account, self.asin, self.day, self.on_hand = account, asin, day, on_hand

    @cached_property
    def first_day(self) -> date:
        return self.asin.first_appearance or date.max

    @cached_property
    def published(self) -> list[PublishedDay]:
        """Published days of d-364 … d from the first appearance on, newest first."""
        oldest = max(self.first_day, self.day - timedelta(days=364))
        return [entry for entry in reversed(self.asin.days) if oldest <= entry.day <= self.day]

    @cached_property
    def looked_at(self) -> list[PublishedDay]:
        """``I``: the newest 28 base days, or the newest 28 in-stock days when the base days are fewer than 7."""
        known = [entry for entry in self.published if entry.units is not None]
        base = [entry for entry in known if entry.is_base]
        if len(base) >= FEWEST_DAYS:
            return base[:MOST_DAYS]
        return [entry for entry in known if entry.is_in_stock][:MOST_DAYS]

    @cached_property
    def sold_in_looked_at(self) -> int:
        return sum(wanted_units(entry) for entry in self.looked_at)

    @cached_property
    def is_recent(self) -> bool:
        """Whether the newest day of ``I`` is within 28 days."""
        return bool(self.looked_at) and self.looked_at[0].day > self.day - timedelta(days=28)

    @cached_property
    def forecast(self) -> Forecast:
        generation = self.account.newest_generation(self.day)
        weekly = {} if generation is None else self.asin.means.get(generation, {})
        return Forecast(weekly, self.day)

    @cached_property
    def basis_and_rate(self) -> tuple[str, Fraction | None]:
        """``demand_basis_code`` and ``demand_units_per_day``."""
        forecast = self.forecast.daily(1)
        if len(self.looked_at) < FEWEST_DAYS:
            return ("none", None) if forecast is None else ("forecast", forecast)
        sold = Fraction(self.sold_in_looked_at, len(self.looked_at))
        is_out = self.on_hand is not None and self.on_hand <= 0
        if is_out and forecast is not None and ninth(forecast) > ninth(sold):
            return "forecast", forecast
        return "trailing" if self.is_recent else "last_in_stock", sold

    @cached_property
    def trend_ratio(self) -> Fraction | None:
        basis, rate = self.basis_and_rate
        newest = {entry.day for entry in self.published[:7]}
        recent = [entry for entry in self.looked_at if entry.day in newest]
        if rate is None or basis == "forecast" or len(recent) < 4:
            return None
        return (sum(wanted_units(entry) for entry in recent) + 10) / (rate * len(recent) + 10)

    @cached_property
    def expected(self) -> Fraction | None:
        """``expected_units_per_day``."""
        rate = self.basis_and_rate[1]
        if rate is None or self.trend_ratio is None:
            return rate
        return rate * min(max(self.trend_ratio, Fraction(1, 2)), Fraction(2))

    @cached_property
    def average_selling_price(self) -> Fraction | None:
        """Revenue per unit over the days of ``I`` that have both figures; None unless they sold something."""
        both = [(entry.units, entry.revenue) for entry in self.looked_at]
        units = sum(u for u, r in both if u is not None and r is not None)
        revenue = sum((r for u, r in both if u is not None and r is not None), Fraction(0))
        return revenue / units if units > 0 else None

    @cached_property
    def sold_nothing_in_year(self) -> bool:
        """True when every published day of 365 is known to have sold nothing; an unknown day leaves it open."""
        return all(entry.units is not None and entry.units <= 0 for entry in self.published)

    def units_of_month(self, last: date) -> int | None:
        """Units of the 30 days to ``last``; None unless each is published, known and from the first appearance on."""
        oldest = max(self.first_day, last - timedelta(days=29))
        month = [entry.units for entry in self.asin.days if oldest <= entry.day <= last]
        return total(month) if len(month) == 30 else None


def wanted_units(entry: PublishedDay) -> int:
    """Units as demand counts them: cancellations of earlier days do not make demand negative."""
    return max(entry.units or 0, 0)
