"""Which of Amazon's fields become which columns, per report, and the row types that msgspec decodes into.

Fields and which of them are required: Amazon's vendor report schemas. Real rows also hold null in required fields.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

import msgspec

from daybreak.sources import PeriodReport

Kind = Literal["units", "amount", "number"]

LONGEST_ASIN = 64
# The range of a Postgres integer: beyond it COPY would fail for the whole load, not for the row.
Units = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Asin = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ASIN)]


@dataclass(frozen=True)
class Measure:
    """One figure of a row: our column, Amazon's field, and whether a row without the field is refused."""

    column: str
    amazon_name: str
    kind: Kind
    is_required: bool = False


@dataclass(frozen=True)
class Layout:
    """The measures of one report in the order of its core table, and the fields that are known and left out."""

    measures: tuple[Measure, ...]
    unused: dict[str, str] = field(default_factory=dict)
    """Amazon's field and why no column takes it."""

    @property
    def has_money(self) -> bool:
        return any(measure.kind == "amount" for measure in self.measures)


LAYOUTS: dict[str, Layout] = {
    "sales_daily": Layout(
        (
            Measure("ordered_units", "orderedUnits", "units"),
            Measure("ordered_revenue_amount", "orderedRevenue", "amount"),
            Measure("shipped_units", "shippedUnits", "units", is_required=True),
            Measure("shipped_revenue_amount", "shippedRevenue", "amount", is_required=True),
            Measure("shipped_cogs_amount", "shippedCogs", "amount", is_required=True),
            Measure("customer_return_units", "customerReturns", "units"),
        )
    ),
    "inventory_daily": Layout(
        (
            Measure("sellable_on_hand_units", "sellableOnHandInventoryUnits", "units", is_required=True),
            Measure("sellable_on_hand_cost_amount", "sellableOnHandInventoryCost", "amount", is_required=True),
            Measure("unsellable_on_hand_units", "unsellableOnHandInventoryUnits", "units"),
            Measure("unsellable_on_hand_cost_amount", "unsellableOnHandInventoryCost", "amount"),
            Measure("aged_90_plus_units", "aged90PlusDaysSellableInventoryUnits", "units"),
            Measure("aged_90_plus_cost_amount", "aged90PlusDaysSellableInventoryCost", "amount"),
            Measure("unhealthy_units", "unhealthyInventoryUnits", "units"),
            Measure("unhealthy_cost_amount", "unhealthyInventoryCost", "amount"),
            Measure("open_purchase_order_units", "openPurchaseOrderUnits", "units", is_required=True),
            Measure("net_received_units", "netReceivedInventoryUnits", "units", is_required=True),
            Measure("net_received_cost_amount", "netReceivedInventoryCost", "amount", is_required=True),
            Measure("unfilled_customer_ordered_units", "unfilledCustomerOrderedUnits", "units"),
            Measure("vendor_confirmation_ratio", "vendorConfirmationRate", "number"),
            Measure("receive_fill_ratio", "receiveFillRate", "number"),
            Measure("sell_through_ratio", "sellThroughRate", "number"),
            Measure("procurable_out_of_stock_ratio", "procurableProductOutOfStockRate", "number"),
            Measure("average_vendor_lead_time_days", "averageVendorLeadTimeDays", "number"),
        ),
        unused={
            "uft": "a rate that the schema names and does not explain; null in live rows",
            "sourceableProductOutOfStockRate": "in live rows only, null so far; no schema explains it",
        },
    ),
    "traffic_daily": Layout((Measure("glance_views", "glanceViews", "units", is_required=True),)),
    "margin_daily": Layout((Measure("net_ppm_ratio", "netPureProductMargin", "number", is_required=True),)),
}


def table_columns(dataset: PeriodReport) -> tuple[str, ...]:
    """The columns of the dataset's staging table, in its order."""
    layout = LAYOUTS[dataset.key]
    view = ("distributor_view_code",) if dataset.has_distributor_view else ()
    currency = ("currency_code",) if layout.has_money else ()
    measures = (measure.column for measure in layout.measures)
    return ("row_number", "business_date", "asin", *view, *measures, *currency)


@lru_cache(maxsize=64)
def row_type(
    dataset_key: str, currency_code: str, *, is_exact: bool, is_strict: bool, also_unused: tuple[str, ...] = ()
) -> type[msgspec.Struct]:
    """A row of the report: startDate, endDate, asin, the measures in column order, then the unused fields.

    Money must be in ``currency_code``. ``is_exact`` reads numbers as ``Decimal`` instead of ``float``; ``is_strict``
    refuses a row that has a field nobody knows. ``also_unused`` are identifiers to pass over like known fields.
    """
    layout = LAYOUTS[dataset_key]
    kinds = _kinds(currency_code, is_exact=is_exact, is_strict=is_strict)
    return msgspec.defstruct(
        f"{dataset_key}_row",
        [
            ("startDate", str),
            ("endDate", str),
            ("asin", Asin),
            *(
                (m.amazon_name, kinds[m.kind]) if m.is_required else (m.amazon_name, kinds[m.kind], None)
                for m in layout.measures
            ),
            *((name, msgspec.Raw, msgspec.Raw()) for name in (*layout.unused, *also_unused)),
        ],
        kw_only=True,
        forbid_unknown_fields=is_strict,
        gc=False,
    )


@cache
def aggregate_type(dataset_key: str, currency_code: str, *, is_exact: bool) -> type[msgspec.Struct]:
    """An entry of the report's aggregate member: startDate, endDate, then the measures, all of which may be absent."""
    kinds = _kinds(currency_code, is_exact=is_exact, is_strict=False)
    measures = [(m.amazon_name, kinds[m.kind], None) for m in LAYOUTS[dataset_key].measures]
    return msgspec.defstruct(f"{dataset_key}_aggregate", [("startDate", str), ("endDate", str), *measures])


def _kinds(currency_code: str, *, is_exact: bool, is_strict: bool) -> dict[Kind, Any]:
    number = Decimal if is_exact else float
    # A Literal costs nothing to check; a pattern on the same text cost a third of the whole decoding.
    currency = Literal[currency_code]  # type: ignore[valid-type]  # known only at run time
    money = msgspec.defstruct(
        "Money", [("amount", number), ("currencyCode", currency)], forbid_unknown_fields=is_strict, gc=False
    )
    return {"units": Units | None, "amount": money | None, "number": number | None}
