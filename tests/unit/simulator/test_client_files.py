"""What a client hands over follows the catalogue and the calendar, and says nothing of what is going to happen."""

import csv
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main
from simulator.client_files import priority_codes
from simulator.config import SimulatorConfig, read_config
from simulator.world.history import AccountWorld
from simulator.world.kinds import Kind
from simulator.world.lifecycles import lifecycle_codes

from .conftest import MakeAccount

AT = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def config_path(make_account: MakeAccount, tmp_path_factory: pytest.TempPathFactory) -> Path:
    account = make_account(asins=300)
    secrets = {name: getattr(account, name).get_secret_value() for name in ("client_secret", "refresh_token")}
    told = {
        "seed": 7,
        "start_date": "2025-01-01",
        "control_token": secrets["refresh_token"],
        "accounts": [account.model_dump(mode="json") | secrets],
    }
    path = tmp_path_factory.mktemp("client_files") / "simulator.yml"
    path.write_text(yaml.safe_dump(told))
    return path


@pytest.fixture(scope="module")
def folder(config_path: Path) -> Path:
    out = config_path.parent / "out"
    assert main(["client-files", "--config", str(config_path), "--out", str(out), "--at", AT.isoformat()]) == 0
    return out / "demo_it"


@pytest.fixture(scope="module")
def world(config_path: Path) -> AccountWorld:
    config: SimulatorConfig = read_config(config_path)
    return AccountWorld(config.accounts[0], config.seed, config.start_date)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_on_every_day_the_newest_row_of_a_product_says_what_the_client_calls_it_then(
    folder: Path, world: AccountWorld
) -> None:
    stages: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows(folder / "products.csv"):
        stages[row["asin"]].append((row["valid_from_date"], row["lifecycle_code"]))
    assert any(len(found) > 1 for found in stages.values())
    for day in (date(2025, 3, 1), date(2026, 2, 10), TODAY):
        codes = dict(zip(world.catalogue.asins, lifecycle_codes(world.catalogue, world.index_of(day)), strict=True))
        for asin, found in stages.items():
            assert max(each for each in found if each[0] <= day.isoformat())[1] == codes[asin]
    assert {code for found in stages.values() for _, code in found} >= {"launch", "active", "seasonal", "phase_out"}


def test_products_bear_the_catalogues_costs_and_cases_and_a_priority_by_revenue(
    folder: Path, world: AccountWorld
) -> None:
    catalogue = world.catalogue
    for row in rows(folder / "products.csv"):
        index = catalogue.asins.index(row["asin"])
        assert float(row["unit_cost_amount"]) == pytest.approx(catalogue.unit_cost[index], abs=0.005)
        assert int(row["case_pack_units"]) == catalogue.case_pack[index]
        assert catalogue.launch_day[index] <= world.index_of(TODAY) + 14
        assert row["name"]
    codes = priority_codes(catalogue)
    revenue = dict(zip(catalogue.asins, catalogue.units_per_day * catalogue.price, strict=True))
    least_a = min(revenue[asin] for asin, code in zip(catalogue.asins, codes, strict=True) if code == "A")
    assert all(revenue[asin] <= least_a for asin, code in zip(catalogue.asins, codes, strict=True) if code != "A")
    assert codes.count("A") == 60


def test_planned_promotions_are_the_scripts_of_this_month_and_later(folder: Path, world: AccountWorld) -> None:
    drawn = world.script.drawn(Kind.PROMOTION, world.index_of(TODAY) - 60, world.index_of(TODAY) + 60).told(
        Kind.PROMOTION
    )
    known = {
        (world.catalogue.asins[one.index], world.date_of(one.first_day).isoformat(), world.date_of(one.last_day))
        for one in drawn
    }
    planned = rows(folder / "promotions.csv")
    assert len(planned) > 3
    assert {(row["asin"], row["start_at"], date.fromisoformat(row["end_at"])) for row in planned} <= known
    assert all(row["start_at"] >= "2026-11-01" and float(row["funding_per_unit_amount"]) > 0 for row in planned)
    assert any(row["start_at"] > TODAY.isoformat() for row in planned)
    assert {row["promotion_id"][0] == "K" for row in planned if row["kind_code"] == "coupon"} == {True}


def test_competitors_and_both_of_amazons_seller_ids_are_named(
    folder: Path, world: AccountWorld, config_path: Path
) -> None:
    told = json.loads((folder / "relations.json").read_text())
    assert tuple(told["retail_seller_ids"]) == world.market.retail_seller_ids
    named = {world.catalogue.asins[index]: set(asins) for index, asins in world.market.competitors.items()}
    assert {asin: set(packs) for asin, packs in told["watch_list"].items()} == named
    fewer = config_path.parent / "fewer"
    arguments = ["client-files", "--config", str(config_path), "--out", str(fewer), "--most-watched", "5"]
    assert main([*arguments, "--at", AT.isoformat()]) == 0
    best = json.loads((fewer / "demo_it" / "relations.json").read_text())["watch_list"]
    revenue = dict(zip(world.catalogue.asins, world.catalogue.units_per_day * world.catalogue.price, strict=True))
    assert set(best) == set(sorted(named, key=lambda asin: -revenue[asin])[:5])
