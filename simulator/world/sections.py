"""The aggregate and per-ASIN sections of each vendor report, one period at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.world.catalogue import Bools
from simulator.world.columns import Column, amounts, numbers, pick, ratios, rows
from simulator.world.history import AccountWorld
from simulator.world.publication import PeriodFigures, Program, View, view_members

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Which part of an account's world a report shows. ``is_daily`` is true for reportPeriod DAY."""

    world: AccountWorld
    view: View
    program: Program
    is_daily: bool

    def amounts(self, values: np.ndarray, known: Bools | None = None) -> Column:
        return amounts(values, self.world.account.currency_code, self.world.catalogue.decimals, known)


@dataclass(frozen=True)
class Sections:
    """The names of a report's two sections and the functions that fill them for one period.

    The aggregate counts every product of the account, the per-ASIN section those of the view only; so their sums
    differ, as they do live.
    """

    aggregate_member: str
    rows_member: str
    aggregate: Callable[[Scope, PeriodFigures], Row]
    rows: Callable[[Scope, PeriodFigures], list[Row]]


def _dates(period: PeriodFigures, count: int) -> dict[str, Column]:
    return {"startDate": [period.first.isoformat()] * count, "endDate": [period.last.isoformat()] * count}


def _sales_columns(
    scope: Scope, period: PeriodFigures, select: Callable[[np.ndarray], np.ndarray], names: dict[str, Column]
) -> dict[str, Column]:
    """What a selling programme and view are told, ``select`` applied to each figure."""
    found = dict(names)
    if scope.program in {"RETAIL", "BUSINESS"}:
        found["customerReturns"] = numbers(select(period["returned"]))
    if scope.view == "MANUFACTURING":
        found["orderedRevenue"] = scope.amounts(select(period["ordered_revenue"]))
        found["orderedUnits"] = numbers(select(period["ordered"]))
    found["shippedCogs"] = scope.amounts(select(period["shipped_cogs"]))
    found["shippedRevenue"] = scope.amounts(select(period["shipped_revenue"]))
    found["shippedUnits"] = numbers(select(period["shipped"]))
    return found


def _total(values: np.ndarray) -> np.ndarray:
    return np.array([values.sum()])


def sales_aggregate(scope: Scope, period: PeriodFigures) -> Row:
    return rows(_sales_columns(scope, period, _total, _dates(period, 1)))[0]


def sales_rows(scope: Scope, period: PeriodFigures) -> list[Row]:
    """An ASIN that neither sold nor came back is absent."""
    moved = (period["ordered"] + period["shipped"] + period["returned"]) > 0
    mask = moved & period.listed & view_members(scope.world, scope.view)
    asins = pick(scope.world.catalogue.asins, mask)
    names = _dates(period, len(asins)) | {"asin": asins}
    return rows(_sales_columns(scope, period, lambda values: values[mask], names))


def traffic_aggregate(_: Scope, period: PeriodFigures) -> Row:
    return rows(_dates(period, 1) | {"glanceViews": numbers(_total(period["views"]))})[0]


def traffic_rows(scope: Scope, period: PeriodFigures) -> list[Row]:
    """A page that nobody opened is absent."""
    mask = (period["views"] > 0) & period.listed & scope.world.catalogue.is_manufactured
    asins = pick(scope.world.catalogue.asins, mask)
    return rows(_dates(period, len(asins)) | {"asin": asins, "glanceViews": numbers(period["views"][mask])})


def inventory_aggregate(scope: Scope, period: PeriodFigures) -> Row:
    cost = period.unit_cost
    excess = np.maximum(0, period["on_hand"] - period.demand_84_days)
    has_excess = np.array([not scope.is_daily])
    out, views = _total(period["out_of_stock_views"]), _total(period["all_views"])
    leads = period["lead_seen"][~np.isnan(period["lead_seen"])]
    columns = _dates(period, 1) | {
        "vendorConfirmationRate": ratios(_total(period["confirmed"]), _total(period["asked"])),
        "netReceivedInventoryCost": scope.amounts(_total(period["received_cost"])),
        "netReceivedInventoryUnits": numbers(_total(period["received"])),
        "openPurchaseOrderUnits": numbers(_total(period["open_units"])),
        "averageVendorLeadTimeDays": [round(float(leads.mean()), 1) if len(leads) else None],
        "sellThroughRate": ratios(
            _total(period["shipped"] - period["returned"]), _total(period["opening"] + period["received"])
        ),
        "unfilledCustomerOrderedUnits": numbers(_total(period["owed"])),
        "sellableOnHandInventoryCost": scope.amounts(_total(period["on_hand"] * cost)),
        "sellableOnHandInventoryUnits": numbers(_total(period["on_hand"])),
        "unsellableOnHandInventoryCost": scope.amounts(_total(period["unsellable"] * cost)),
        "unsellableOnHandInventoryUnits": numbers(_total(period["unsellable"])),
        "aged90PlusDaysSellableInventoryCost": scope.amounts(_total(period["aged"] * cost)),
        "aged90PlusDaysSellableInventoryUnits": numbers(_total(period["aged"])),
        "unhealthyInventoryCost": scope.amounts(_total(excess * cost), has_excess),
        "unhealthyInventoryUnits": numbers(_total(np.floor(excess).astype(np.int64)), has_excess),
        "procurableProductOutOfStockRate": ratios(out, views),
        "uft": ratios(views - out, views),
        "receiveFillRate": ratios(_total(period["received"]).clip(0), _total(period["expected"])),
    }
    return rows(columns)[0]


def inventory_rows(scope: Scope, period: PeriodFigures) -> list[Row]:
    """Every listed ASIN, with the nulls and undocumented fields of live rows."""
    mask = period.listed & view_members(scope.world, scope.view)
    asins = pick(scope.world.catalogue.asins, mask)
    cost = period.unit_cost[mask]
    bare = period.chance[0][mask] < 0.005
    told = ~bare & ~period.is_new[mask]
    nothing_received = (period["received"][mask] == 0) & (period["expected"][mask] == 0)
    receipts_told = ~period.is_new[mask] & ~(nothing_received & (period.chance[1][mask] < 0.015))
    unfilled_told = told & ((period["owed"][mask] > 0) | (period.chance[2][mask] < 0.75))
    value_told = period.chance[3][mask] >= 0.004
    on_hand, lead = period["on_hand"][mask], period["lead_seen"][mask]
    unsellable, aged = period["unsellable"][mask], period["aged"][mask]
    excess = np.maximum(0, on_hand - np.ceil(period.demand_84_days[mask])).astype(np.int64)
    excess_told = told & (not scope.is_daily)
    opening = period["opening"][mask] + period["received"][mask]
    out_rate = ratios(period["out_of_stock_views"][mask], period["all_views"][mask], told)
    nothing: Column = [None] * len(asins)
    columns = _dates(period, len(asins)) | {
        "asin": asins,
        "sourceableProductOutOfStockRate": out_rate if scope.view == "SOURCING" else nothing,
        "procurableProductOutOfStockRate": out_rate,
        "openPurchaseOrderUnits": numbers(period["open_units"][mask]),
        "receiveFillRate": ratios(period["received"][mask].clip(0), period["expected"][mask], told),
        "averageVendorLeadTimeDays": numbers(np.round(lead.astype(np.float64), 1), told & ~np.isnan(lead)),
        "sellThroughRate": ratios(period["shipped"][mask] - period["returned"][mask], opening, told),
        "unfilledCustomerOrderedUnits": numbers(period["owed"][mask], unfilled_told),
        "vendorConfirmationRate": ratios(period["confirmed"][mask], period["asked"][mask], told),
        "netReceivedInventoryCost": scope.amounts(period["received_cost"][mask], receipts_told),
        "netReceivedInventoryUnits": numbers(period["received"][mask], receipts_told),
        "sellableOnHandInventoryCost": scope.amounts(on_hand * cost, value_told),
        "sellableOnHandInventoryUnits": numbers(on_hand),
        "unsellableOnHandInventoryCost": scope.amounts(unsellable * cost, told),
        "unsellableOnHandInventoryUnits": numbers(unsellable, told),
        "aged90PlusDaysSellableInventoryCost": scope.amounts(aged * cost, told),
        "aged90PlusDaysSellableInventoryUnits": numbers(aged, told),
        "unhealthyInventoryCost": scope.amounts(excess * cost, excess_told),
        "unhealthyInventoryUnits": numbers(excess, excess_told),
        "uft": nothing,
    }
    return rows(columns)


SECTIONS: dict[str, Sections] = {
    "GET_VENDOR_SALES_REPORT": Sections("salesAggregate", "salesByAsin", sales_aggregate, sales_rows),
    "GET_VENDOR_INVENTORY_REPORT": Sections(
        "inventoryAggregate", "inventoryByAsin", inventory_aggregate, inventory_rows
    ),
    "GET_VENDOR_TRAFFIC_REPORT": Sections("trafficAggregate", "trafficByAsin", traffic_aggregate, traffic_rows),
}
