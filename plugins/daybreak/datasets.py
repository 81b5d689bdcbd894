"""What is pulled from Amazon: one key per dataset, the same in ledger, table, folder, fixture and document.

Limits and lags: Amazon's vendor report schemas and connector maintainers' findings, see docs/architecture.md.
"""

from dataclasses import dataclass
from datetime import timedelta

from daybreak.accounts import Account


@dataclass(frozen=True)
class Dataset:
    """One kind of fact: how it is asked for, when it is due and how it behaves afterwards."""

    key: str
    report_type: str
    has_distributor_view: bool
    """Sales and inventory come once per distributor view; the views overlap and are never added."""
    rows_member: str
    aggregate_member: str
    lag: timedelta = timedelta(hours=72)
    """After a day's end, in the account's time zone, until Amazon publishes it."""
    longest_window_days: int = 15
    """Longest request for daily figures; a longer one goes FATAL."""
    lookback_days: int = 1460

    def variants(self, account: Account) -> tuple[str, ...]:
        """The distributor views to ask for, or one empty variant where the report has none."""
        return account.distributor_views if self.has_distributor_view else ("",)

    def primary_variant(self, account: Account) -> str:
        return account.primary_distributor_view if self.has_distributor_view else ""

    def report_options(self, variant: str) -> dict[str, str]:
        """Amazon's ``reportOptions``. Traffic takes the period only: the other two make it FATAL."""
        if not self.has_distributor_view:
            return {"reportPeriod": "DAY"}
        return {"reportPeriod": "DAY", "distributorView": variant, "sellingProgram": "RETAIL"}


DATASETS: dict[str, Dataset] = {
    dataset.key: dataset
    for dataset in (
        Dataset("sales_daily", "GET_VENDOR_SALES_REPORT", True, "salesByAsin", "salesAggregate"),
        Dataset("inventory_daily", "GET_VENDOR_INVENTORY_REPORT", True, "inventoryByAsin", "inventoryAggregate"),
        Dataset("traffic_daily", "GET_VENDOR_TRAFFIC_REPORT", False, "trafficByAsin", "trafficAggregate"),
    )
}
