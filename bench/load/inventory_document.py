"""A large inventory report as Amazon sends it, the same bytes on every machine and in every run."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from daybreak.accounts import Account

ACCOUNT = Account(
    account_id="bench_it", name="Bench Italy", marketplace_code="IT", vendor_connection_id="spapi_bench_it"
)
VIEW = "MANUFACTURING"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SEED = 20260301


@dataclass(frozen=True)
class InventoryDocument:
    """A gzip file with one report: ``asin_count`` rows for each day from ``first`` to ``last``."""

    path: Path
    first: date
    last: date
    asin_count: int
    size_bytes: int
    """Of the JSON, unpacked."""

    @property
    def row_count(self) -> int:
        return self.asin_count * ((self.last - self.first).days + 1)


class _Day(NamedTuple):
    """One day's figures, one per ASIN; amounts in cents, ratios in ten-thousandths, lead time in tenths."""

    sellable: list[int]
    sellable_cents: list[int]
    unsellable: list[int]
    unsellable_cents: list[int]
    aged: list[int]
    aged_cents: list[int]
    ordered: list[int]
    received: list[int]
    received_cents: list[int]
    unfilled: list[int]
    ratios: list[list[int]]
    lead_time: list[int]


def catalogue(asin_count: int) -> list[str]:
    """The ASINs in the order of the document, which is none that a key has."""
    letters = np.random.default_rng(_SEED).integers(0, len(_ALPHABET), size=(asin_count, 4)).tolist()
    # The number in the middle makes each ASIN the only one.
    return [
        "B0" + "".join(_ALPHABET[at] for at in row[:2]) + f"{number:05}"[::-1] + _ALPHABET[row[2]]
        for number, row in enumerate(letters)
    ]


def write_document(path: Path, first: date, day_count: int, asin_count: int) -> InventoryDocument:
    """Writes the report of this window; a day's rows are the same bytes whichever window they come in."""
    days = [first + timedelta(days=offset) for offset in range(day_count)]
    size_bytes = 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
        for piece in _pieces(days, catalogue(asin_count)):
            size_bytes += packed.write(piece.encode())
    return InventoryDocument(path, days[0], days[-1], asin_count, size_bytes)


def _pieces(days: list[date], asins: list[str]) -> Iterator[str]:
    yield (
        '{"reportSpecification":{"reportType":"GET_VENDOR_INVENTORY_REPORT","reportOptions":{"reportPeriod":"DAY",'
        f'"distributorView":"{VIEW}","sellingProgram":"RETAIL"}},"lastUpdatedDate":"{days[-1] + timedelta(days=4)}",'
        f'"dataStartTime":"{days[0]}","dataEndTime":"{days[-1]}",'
        f'"marketplaceIds":["{ACCOUNT.marketplace.marketplace_id}"]}},"inventoryAggregate":['
    )
    yield ",".join(_total(day, _draw(day, len(asins))) for day in days)
    yield '],"inventoryByAsin":['
    for day in days:
        rows = _rows(day, asins, _draw(day, len(asins)))
        yield ("" if day == days[0] else ",") + ",".join(rows)
    yield "]}"


def _draw(day: date, count: int) -> _Day:
    """A day's figures: an even stock, a tenth of it out, some of it negative because orders wait for it."""
    dice = np.random.default_rng([_SEED, day.toordinal()])
    cost = np.random.default_rng(_SEED + 1).integers(150, 9_000, size=count)
    stock = dice.geometric(1 / 120, size=count)
    sellable = np.where(dice.random(count) < 0.1, -(stock % 4), stock)
    unsellable = np.where(dice.random(count) < 0.3, dice.integers(1, 9, size=count), 0)
    aged = np.maximum(sellable, 0) // dice.integers(2, 12, size=count)
    received = np.where(dice.random(count) < 0.25, dice.integers(-6, 240, size=count), 0)
    return _Day(
        sellable=sellable.tolist(),
        sellable_cents=(sellable * cost).tolist(),
        unsellable=unsellable.tolist(),
        unsellable_cents=(unsellable * cost).tolist(),
        aged=aged.tolist(),
        aged_cents=(aged * cost).tolist(),
        ordered=dice.integers(0, 900, size=count).tolist(),
        received=received.tolist(),
        received_cents=(received * cost).tolist(),
        unfilled=dice.poisson(0.4, size=count).tolist(),
        ratios=dice.integers(0, 10_001, size=(count, 4)).tolist(),
        lead_time=dice.integers(20, 450, size=count).tolist(),
    )


def _rows(day: date, asins: list[str], figures: _Day) -> Iterator[str]:
    for asin, stock, cost, bad, bad_cost, aged, aged_cost, ordered, got, got_cost, unfilled, ratios, lead in zip(
        asins, *figures, strict=True
    ):
        confirmed, filled, sold, out = (f"{ratio / 10_000:.4f}" for ratio in ratios)
        yield (
            f'{{"startDate":"{day}","endDate":"{day}","asin":"{asin}","sourceableProductOutOfStockRate":null,'
            f'"procurableProductOutOfStockRate":{out},"openPurchaseOrderUnits":{ordered},"receiveFillRate":{filled},'
            f'"averageVendorLeadTimeDays":{lead / 10},"sellThroughRate":{sold},'
            f'"unfilledCustomerOrderedUnits":{unfilled},"vendorConfirmationRate":{confirmed},'
            f'"netReceivedInventoryCost":{_money(got_cost)},"netReceivedInventoryUnits":{got},'
            f'"sellableOnHandInventoryCost":{_money(cost)},"sellableOnHandInventoryUnits":{stock},'
            f'"unsellableOnHandInventoryCost":{_money(bad_cost)},"unsellableOnHandInventoryUnits":{bad},'
            f'"aged90PlusDaysSellableInventoryCost":{_money(aged_cost)},"aged90PlusDaysSellableInventoryUnits":{aged},'
            '"unhealthyInventoryCost":null,"unhealthyInventoryUnits":null,"uft":null}'
        )


def _total(day: date, figures: _Day) -> str:
    """The report's own total of a day: exactly what its rows add up to, so that the gate finds nothing."""
    return (
        f'{{"startDate":"{day}","endDate":"{day}","openPurchaseOrderUnits":{sum(figures.ordered)},'
        f'"unfilledCustomerOrderedUnits":{sum(figures.unfilled)},'
        f'"netReceivedInventoryCost":{_money(sum(figures.received_cents))},'
        f'"netReceivedInventoryUnits":{sum(figures.received)},'
        f'"sellableOnHandInventoryCost":{_money(sum(figures.sellable_cents))},'
        f'"sellableOnHandInventoryUnits":{sum(figures.sellable)},'
        f'"unsellableOnHandInventoryCost":{_money(sum(figures.unsellable_cents))},'
        f'"unsellableOnHandInventoryUnits":{sum(figures.unsellable)},'
        f'"aged90PlusDaysSellableInventoryCost":{_money(sum(figures.aged_cents))},'
        f'"aged90PlusDaysSellableInventoryUnits":{sum(figures.aged)}}}'
    )


def _money(cents: int) -> str:
    sign, whole = "-" if cents < 0 else "", abs(cents)
    return f'{{"amount":{sign}{whole // 100}.{whole % 100:02},"currencyCode":"EUR"}}'
