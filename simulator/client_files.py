"""What a client hands its agency: its products, the promotions it plans, and whom it is compared with.

Written as a client would write them, from the world's catalogue: nothing in them says what is going to happen.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.config import SimulatorConfig
from simulator.simulation import Worlds
from simulator.world.catalogue import Bools, Catalogue
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.lifecycles import lifecycle_codes
from simulator.world.page_identity import ean_of, part_number_of
from simulator.world.page_standing import LEADING_DAYS
from simulator.world.promotions import coupon_id, promotions_starting

PRODUCTS, PROMOTIONS, RELATIONS = "products.csv", "promotions.csv", "relations.json"
_PRODUCT_COLUMNS = (
    "asin", "valid_from_date", "client_sku", "ean", "name", "brand_name", "lifecycle_code", "priority_code",
    "unit_cost_amount", "case_pack_units", "client_stock_units", "pack_units",
)  # fmt: skip
_PROMOTION_COLUMNS = ("promotion_id", "asin", "kind_code", "start_at", "end_at", "funding_per_unit_amount")
_FROM_THE_BEGINNING = date(1970, 1, 1)
_PLANNED_AHEAD = timedelta(days=45)
_TOP_SHARE, _MIDDLE_SHARE = 0.2, 0.5
"""Of the products by usual revenue: those of priority A, and those of A and B together."""
_STOCK_COVER_DAYS = 120
_WITHOUT_STOCK_SHARE = 0.1


def write_client_files(config: SimulatorConfig, folder: Path, now: datetime, most_watched: int | None) -> None:
    """Afterwards ``folder`` has a folder per account with its files as of ``now``; no promotions where none is planned.

    Of the products with named competitors the ``most_watched`` with the most revenue are on the watch list, all of
    them when it is None.
    """
    worlds = Worlds(config)
    for account in config.accounts:
        world, place = worlds.of(account), folder / account.account_id
        place.mkdir(parents=True, exist_ok=True)
        today = world.index_of(now.astimezone(ZoneInfo(account.time_zone)).date())
        _write(place / PRODUCTS, _PRODUCT_COLUMNS, product_rows(world, today))
        (place / PROMOTIONS).unlink(missing_ok=True)
        if planned := promotion_rows(world, now):
            _write(place / PROMOTIONS, _PROMOTION_COLUMNS, planned)
        (place / RELATIONS).write_text(json.dumps(relations(world, most_watched), indent=1) + "\n")


def product_rows(world: AccountWorld, today: int) -> list[Sequence[Any]]:
    """A row for each product and each stage of its life that began by day index ``today``."""
    catalogue, families = world.catalogue, world.pages.families
    priorities = priority_codes(catalogue)
    rng = generator(world.key, Purpose.CLIENT)
    stock = np.ceil(catalogue.units_per_day * rng.uniform(0.2, 1.0, catalogue.size) * _STOCK_COVER_DAYS)
    stock[rng.random(catalogue.size) < _WITHOUT_STOCK_SHARE] = 0
    rows: list[Sequence[Any]] = []
    for first_day, changed, codes in _stages(world, today):
        for index in np.flatnonzero(changed).tolist():
            if catalogue.launch_day[index] > today + LEADING_DAYS:
                continue
            brand = families.brand_of(index)
            rows.append(
                (
                    catalogue.asins[index], first_day.isoformat(), part_number_of(brand, index),
                    ean_of(world.key, index), world.pages.title_of(index), brand, codes[index], priorities[index],
                    f"{catalogue.unit_cost[index]:.{catalogue.decimals}f}", catalogue.case_pack[index],
                    int(stock[index]), 1,
                )
            )  # fmt: skip
    return rows


def _stages(world: AccountWorld, today: int) -> Iterable[tuple[date, Bools, list[str]]]:
    """The days on which the client called a product something new: the day, which ones, and all codes of the day."""
    before: np.ndarray = np.full(world.catalogue.size, "")
    for day in range(world.index_of(world.start_date), today + 1):
        codes = np.asarray(lifecycle_codes(world.catalogue, day))
        if (changed := codes != before).any():
            yield (world.date_of(day) if before.any() else _FROM_THE_BEGINNING), changed, codes.tolist()
        before = codes


def priority_codes(catalogue: Catalogue) -> list[str]:
    """A for the products with the most usual revenue, B for those after them, C for the others."""
    place = np.empty(catalogue.size)
    place[np.argsort(-catalogue.units_per_day * catalogue.price)] = np.arange(catalogue.size) / catalogue.size
    return list(np.where(place < _TOP_SHARE, "A", np.where(place < _MIDDLE_SHARE, "B", "C")).tolist())


def promotion_rows(world: AccountWorld, now: datetime) -> list[Sequence[Any]]:
    """The vendor's promotions that begin from this month on and were decided by ``now``, under Amazon's numbers."""
    zone = ZoneInfo(world.account.time_zone)
    begin = datetime.combine(now.astimezone(zone).date().replace(day=1), time(), zone).astimezone(UTC)
    rows: list[Sequence[Any]] = []
    for promotion in promotions_starting(world, begin, now + _PLANNED_AHEAD, now):
        price = world.prices.usual_net(world.index_of(promotion.first_day))
        for product in promotion.products:
            number = coupon_id(world, product) if promotion.kind == "COUPON" else promotion.promotion_id
            funding = float(price[product.index]) * product.size * product.detail["funded_share"]
            rows.append(
                (
                    number, world.catalogue.asins[product.index], promotion.kind.lower(),
                    promotion.first_day.isoformat(), promotion.last_day.isoformat(),
                    f"{funding:.{world.catalogue.decimals}f}",
                )
            )  # fmt: skip
    return rows


def relations(world: AccountWorld, most_watched: int | None) -> Mapping[str, Any]:
    """Under which ids Amazon sells here, and per own ASIN its competitors with the units in one pack of each."""
    revenue = world.catalogue.units_per_day * world.catalogue.price
    watched = sorted(world.market.competitors, key=lambda index: -float(revenue[index]))[:most_watched]
    return {
        "retail_seller_ids": list(world.market.retail_seller_ids),
        "watch_list": {
            world.catalogue.asins[index]: {
                asin: world.market.competitor_pack(asin) for asin in world.market.competitors[index]
            }
            for index in sorted(watched)
        },
    }


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
