"""Numbers, money and dates as a reader of English or Italian writes them. A missing value is a dash, never 0."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from daybreak.accounts import Language

Number = int | float | Decimal
MISSING = "–"  # noqa: RUF001 - the sign for "no figure", an en dash and no minus
# British English: the day before the month, and a clock of 24 hours.
LOCALES: dict[Language, Locale] = {"en": Locale("en", "GB"), "it": Locale("it", "IT")}
_WHOLE_FROM = 100


class Figures:
    """Writes figures in one language. Every method gives a dash for None."""

    def __init__(self, language: Language) -> None:
        self.locale = LOCALES[language]

    def number(self, value: Number | None, digits: int = 0) -> str:
        """Grouped, with exactly ``digits`` decimals."""
        return MISSING if value is None else format_decimal(value, f"#,##0{_decimals(digits)}", locale=self.locale)

    def money(self, value: Number | None, currency_code: str, digits: int | None = None) -> str:
        """An amount with its currency's sign; by default cents only below 100, where they matter."""
        if value is None:
            return MISSING
        shown = _decimals(digits if digits is not None else 2 if -_WHOLE_FROM < value < _WHOLE_FROM else 0)
        # The space is one that no line breaks at.
        pattern = f"¤#,##0{shown}" if self.locale.language == "en" else f"#,##0{shown}\xa0¤"
        return format_currency(value, currency_code, pattern, locale=self.locale, currency_digits=False)

    def percent(self, ratio: Number | None, digits: int = 0) -> str:
        """A ratio of 0 to 1 as a percentage."""
        return MISSING if ratio is None else format_percent(ratio, f"#,##0{_decimals(digits)}%", locale=self.locale)

    def day(self, value: date | None) -> str:
        """As ``2 Mar 2026``."""
        return MISSING if value is None else format_date(value, "d MMM y", locale=self.locale)

    def weekday(self, value: date | None) -> str:
        """As ``Monday 2 March 2026``."""
        return MISSING if value is None else format_date(value, "EEEE d MMMM y", locale=self.locale)

    def short_day(self, value: date | None) -> str:
        """As ``2 Mar``: where the year is known."""
        return MISSING if value is None else format_date(value, "d MMM", locale=self.locale)

    def instant(self, value: datetime | None, time_zone: str) -> str:
        """As ``Mon 2 Mar, 18:00``, on the clock of ``time_zone``."""
        if value is None:
            return MISSING
        return format_datetime(value, "EEE d MMM, HH:mm", tzinfo=ZoneInfo(time_zone), locale=self.locale)


def _decimals(digits: int) -> str:
    return f".{'0' * digits}" if digits else ""
