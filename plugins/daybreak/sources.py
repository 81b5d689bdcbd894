"""The ways in which a dataset comes: reports, queries, collections of answers, the client's own files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from daybreak.accounts import Account
from daybreak.calendars import Calendar, OwnFiles, PublishedDays

CredentialCode = Literal["vendor", "seller"]

_PUBLICATION = PublishedDays(timedelta(hours=72))
_SUPPLIED = OwnFiles()


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One kind of fact: whose credential and which role open it, when it is due and how it behaves afterwards."""

    key: str
    role: str
    """Amazon's name of the role without which every call is refused."""
    credential_code: CredentialCode = "vendor"
    calendar: Calendar = _PUBLICATION
    longest_window_days: int = 15
    """Longest request; a longer one is refused or goes FATAL."""
    lookback_days: int = 1460
    """How many of its dates, the newest due one included, Amazon still gives."""
    restated_dates: int | None = None
    """How many of its newest dates are asked for anew each morning; None: those of the settings, as for all figures
    that Amazon changes after it has published them."""
    shortest_gap_days: int = 1
    """A morning looks back at least so far, however few days the settings name: months are longer than days."""
    has_history: bool = True
    """Former versions of its rows are kept in ``<table>_history``."""
    shows_appearance: bool = False
    """A row says that the ASIN existed on that day: it moves ``core.product.first_seen_date``."""
    describes_products: bool = False
    """A row says what the product is: products that the client has not described are named after it."""
    has_distributor_view: bool = False
    """Sales and inventory come once per distributor view; the views overlap and are never added."""
    is_pulled_at_dawn: bool = True
    document_of: str | None = None
    """Its rows come in the document of that dataset: nothing is asked for it, and every such document is its load."""
    supplied_variants: tuple[str, ...] = ()
    """The variants that come in the client's own files, not from Amazon."""
    holds_until_replaced: bool = False
    """A row holds from its date on until another one does, and not on its date only."""
    row_counts: Literal["alike", "kept", "free"] = "alike"
    """What a date's number of rows must be: about that of the dates before it, or at least not far below what is
    published of the date; ``free`` where a document says nothing about what it leaves out."""

    def oldest_due(self, newest: date, gap_days: int) -> date:
        """The oldest date that a morning looks for, which has ``newest`` as its newest one."""
        return newest - timedelta(days=min(max(gap_days, self.shortest_gap_days), self.lookback_days) - 1)

    def dates_touching(self, first: date, last: date) -> list[date]:
        """Its dates that speak of any day from ``first`` to ``last``: a month begins before most of its days."""
        return self.calendar.dates(first.replace(day=1) if self.calendar.code == "month" else first, last)

    def dates_given(self, first: date, last: date, newest: date) -> list[date]:
        """Those of ``dates_touching`` that Amazon gives when ``newest`` is the newest due one."""
        oldest = newest - timedelta(days=self.lookback_days - 1)
        return [day for day in self.dates_touching(first, last) if oldest <= day <= newest]

    def variants(self, account: Account) -> tuple[str, ...]:
        """The distributor views to ask for, or one empty variant where the dataset has none."""
        return account.distributor_views if self.has_distributor_view else ("",)

    def primary_variant(self, account: Account) -> str:
        return account.primary_distributor_view if self.has_distributor_view else ""

    def file_variant(self, account: Account) -> str:
        """What a file from disk is loaded as where nobody says it."""
        return self.supplied_variants[0] if self.supplied_variants else self.primary_variant(account)


@dataclass(frozen=True, kw_only=True)
class VendorReport(Dataset):
    """A report of Amazon's Reports API. ``options`` are its ``reportOptions``; an option that the type does not
    know, or one missing, makes it FATAL minutes later."""

    report_type: str
    role: str = "Brand Analytics"
    rows_member: str
    options: dict[str, str] = field(default_factory=dict)
    window_unit: Literal["day", "hour", "none"] = "day"
    """Real-time reports are asked for by instants; the forecast takes no dates, it is always the newest generation, and
    campaigns are chosen by options."""

    has_currency_option: bool = False
    """Real-time sales name no currency in their rows: it is the one that was asked for."""

    def form(self, variant: str) -> "VendorReport":
        """The report that gives ``variant``."""
        return self

    def report_options(
        self, variant: str, currency_code: str, window: tuple[date, date] | None = None
    ) -> dict[str, str]:
        """Amazon's ``reportOptions``, with the distributor view or currency where there is one."""
        view = {"distributorView": variant} if self.has_distributor_view else {}
        currency = {"currencyCode": currency_code} if self.has_currency_option else {}
        return {**self.options, **view, **currency}


@dataclass(frozen=True, kw_only=True)
class PeriodReport(VendorReport):
    """A report of figures per ASIN and period, with the account's totals beside them."""

    aggregate_member: str


@dataclass(frozen=True, kw_only=True)
class CampaignReport(VendorReport):
    """Campaigns by the time of their beginning, told by one report per kind. Its windows are months, given by their
    first days; ``option_prefixes`` name the options that choose them."""

    forms: Mapping[str, VendorReport]
    option_prefixes: Mapping[str, str]

    def variants(self, account: Account) -> tuple[str, ...]:
        return tuple(self.forms)

    def form(self, variant: str) -> VendorReport:
        return self.forms[variant]

    def report_options(
        self, variant: str, currency_code: str, window: tuple[date, date] | None = None
    ) -> dict[str, str]:
        if window is None:
            return {}
        last = (window[1] + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        prefix = self.option_prefixes[variant]
        return {f"{prefix}From": f"{window[0]}T00:00:00Z", f"{prefix}To": f"{last}T23:59:59Z"}


@dataclass(frozen=True, kw_only=True)
class KioskQuery(Dataset):
    """A query of Amazon's Data Kiosk, whose document has one line per day."""

    role: str = "Brand Analytics"

    def query(self, window: tuple[date, date], currency_code: str) -> str:
        """The query for the days of ``window``. Without a currency Amazon answers in US dollars."""
        return (
            "query{analytics_vendorAnalytics_2024_09_30{manufacturingView("
            f'startDate:"{window[0]}",endDate:"{window[1]}",aggregateBy:DAY,currencyCode:"{currency_code}")'
            "{startDate endDate marketplaceId metrics{groupByKey{asin}"
            "metrics{traffic{glanceViews lostFeaturedOffer}}}}}}"
        )


@dataclass(frozen=True, kw_only=True)
class Collection(Dataset):
    """Facts that come as answers to many calls: every answer is one line of the document that is landed."""


@dataclass(frozen=True, kw_only=True)
class ClientFile(Dataset):
    """A file that the client supplies; nothing of it is asked of Amazon and nothing is ever due."""

    role: str = ""
    calendar: Calendar = _SUPPLIED
    restated_dates: int | None = 0
    has_history: bool = False
    is_pulled_at_dawn: bool = False
    supplied_variants: tuple[str, ...] = ("",)
    row_counts: Literal["alike", "kept", "free"] = "free"
