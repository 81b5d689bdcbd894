"""What is pulled from Amazon: one key per dataset, the same in ledger, table, folder, fixture and document.

Limits and lags: Amazon's vendor report schemas and connector maintainers' findings, see docs/architecture.md.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from daybreak.accounts import Account
from daybreak.calendars import Calendar, Observations, PublishedDays

CredentialCode = Literal["vendor", "seller"]

_PUBLICATION = PublishedDays(timedelta(hours=72))


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
    is_restated: bool = True
    """Amazon changes figures that it has published: the newest weeks are asked for anew each morning."""
    shows_appearance: bool = False
    """A row says that the ASIN existed on that day: it moves ``core.product.first_seen_date``."""
    has_distributor_view: bool = False
    """Sales and inventory come once per distributor view; the views overlap and are never added."""
    is_pulled_at_dawn: bool = True
    document_of: str | None = None
    """Its rows come in the document of that dataset: nothing is asked for it, and every such document is its load."""
    has_usual_size: bool = True
    """A date of it has about as many rows as the dates before: one with far fewer is taken for cut short."""

    def variants(self, account: Account) -> tuple[str, ...]:
        """The distributor views to ask for, or one empty variant where the dataset has none."""
        return account.distributor_views if self.has_distributor_view else ("",)

    def primary_variant(self, account: Account) -> str:
        return account.primary_distributor_view if self.has_distributor_view else ""


@dataclass(frozen=True, kw_only=True)
class VendorReport(Dataset):
    """A report of Amazon's Reports API. ``options`` are its ``reportOptions``; an option that the type does not
    know, or one missing, makes it FATAL minutes later."""

    report_type: str
    role: str = "Brand Analytics"
    rows_member: str
    options: dict[str, str] = field(default_factory=dict)
    window_unit: Literal["day", "hour", "none"] = "day"
    """Real-time reports are asked for by instants; the forecast takes no dates, it is always the newest generation."""

    def report_options(self, variant: str) -> dict[str, str]:
        """Amazon's ``reportOptions``, with the distributor view where there is one."""
        return {**self.options, **({"distributorView": variant} if self.has_distributor_view else {})}


@dataclass(frozen=True, kw_only=True)
class PeriodReport(VendorReport):
    """A report of figures per ASIN and period, with the account's totals beside them."""

    aggregate_member: str


@dataclass(frozen=True, kw_only=True)
class KioskQuery(Dataset):
    """A query of Amazon's Data Kiosk, whose document has one line per day."""

    role: str = "Brand Analytics"


@dataclass(frozen=True, kw_only=True)
class Collection(Dataset):
    """Facts that come as answers to many calls: every answer is one line of the document that is landed."""


@dataclass(frozen=True, kw_only=True)
class ClientFile(Dataset):
    """A file that the client supplies; nothing of it is asked of Amazon and nothing is ever due."""

    role: str = ""
    is_restated: bool = False
    is_pulled_at_dawn: bool = False


_DAY = {"reportPeriod": "DAY"}
_RETAIL_DAY = {**_DAY, "sellingProgram": "RETAIL"}

PERIOD_REPORTS: dict[str, PeriodReport] = {
    report.key: report
    for report in (
        PeriodReport(
            key="sales_daily",
            report_type="GET_VENDOR_SALES_REPORT",
            rows_member="salesByAsin",
            aggregate_member="salesAggregate",
            options=_RETAIL_DAY,
            has_distributor_view=True,
            shows_appearance=True,
        ),
        PeriodReport(
            key="inventory_daily",
            report_type="GET_VENDOR_INVENTORY_REPORT",
            rows_member="inventoryByAsin",
            aggregate_member="inventoryAggregate",
            options=_RETAIL_DAY,
            has_distributor_view=True,
            shows_appearance=True,
        ),
        PeriodReport(
            key="traffic_daily",
            report_type="GET_VENDOR_TRAFFIC_REPORT",
            rows_member="trafficByAsin",
            aggregate_member="trafficAggregate",
            options=_DAY,  # the other two options make this report FATAL
            shows_appearance=True,
        ),
    )
}

_SWEPT: dict[str, Any] = {
    "role": "Pricing",
    "credential_code": "seller",  # no vendor's authorisation opens Amazon's pricing operations
    "calendar": Observations(),
    "longest_window_days": 1,
    "lookback_days": 1,
    "is_restated": False,
    "is_pulled_at_dawn": False,
    "has_usual_size": False,  # a sweep looks at what is due then
}
SWEEPS: dict[str, Collection] = {
    sweep.key: sweep
    for sweep in (
        Collection(key="offer_snapshot", **_SWEPT),
        Collection(key="offer", document_of="offer_snapshot", **_SWEPT),
    )
}

DATASETS: dict[str, Dataset] = {**PERIOD_REPORTS, **SWEEPS}


def datasets_of_document(key: str) -> tuple[str, ...]:
    """The datasets whose rows a document of dataset ``key`` holds, ``key`` itself first."""
    return (key, *(each.key for each in DATASETS.values() if each.document_of == key))
