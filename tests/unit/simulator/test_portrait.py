"""``python -m simulator describe`` prints what a world looks like."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main
from simulator.portrait import portray
from simulator.real_ranges import beside
from simulator.world.history import AccountWorld

from .conftest import MakeAccount


def test_the_portrait_names_shares_shapes_and_restatement(
    tmp_path: Path, make_account: MakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account = make_account(asins=80)
    secrets = {name: getattr(account, name).get_secret_value() for name in ("client_secret", "refresh_token")}
    configuration = {
        "seed": 7,
        "start_date": "2025-09-01",
        "clock": {"now": "2026-11-23T04:15:00Z"},
        "control_token": secrets["refresh_token"],
        "accounts": [account.model_dump(mode="json") | secrets],
    }
    path = tmp_path / "simulator.yml"
    path.write_text(yaml.safe_dump(configuration))
    assert main(["describe", "--config", str(path)]) == 0
    printed = capsys.readouterr().out
    (portrait,) = json.loads(printed)
    assert portrait["account_id"] == "demo_it"
    shown = {name: figure["value"] for name, figure in portrait["figures"].items()}
    assert 0 < shown["out_of_stock_share"] < 0.15
    assert 0.3 < shown["zero_sales_share"] < 0.8
    assert 0 < shown["restatement_of_ordered_units"] < 0.1
    assert 0.85 < shown["featured_offer_share"] < 1
    assert 0 < shown["lost_featured_offer_ratio"] < 0.15
    assert 0.15 < shown["net_pure_product_margin"] < 0.5
    assert portrait["weekday_shape"]["value"]["Mon"] > portrait["weekday_shape"]["value"]["Sat"]
    assert portrait["month_shape"]["value"]["11"] > portrait["month_shape"]["value"]["06"]
    assert portrait["truth_of_90_days"]["UNDERCUT"] > 0
    assert not any(secret in printed for secret in secrets.values())


@pytest.mark.parametrize("seed", [7, 12])
def test_every_figure_with_a_published_range_lies_in_it(make_account: MakeAccount, seed: int) -> None:
    world = AccountWorld(make_account(asins=400), seed, date(2025, 3, 1))
    figures = portray(world, date(2026, 11, 23))["figures"]
    compared = {name: figure["is_within"] for name, figure in figures.items() if figure["is_within"] is not None}
    assert compared == dict.fromkeys(compared, True)
    assert "confirmation_rate" in compared


@pytest.mark.parametrize(
    ("name", "value", "within"),
    [
        ("featured_offer_share", 0.9, True),
        ("featured_offer_share", 0.8, False),
        ("lost_featured_offer_ratio", 0.2, False),
        ("lowest_on_hand_units", -3, True),
        ("median_cover_days", None, None),
        ("zero_sales_share", 0.5, None),
        ("average_lead_time_days", 15.0, None),
    ],
)
def test_each_figure_stands_beside_what_is_published_of_real_accounts(
    name: str, value: float | None, within: bool | None
) -> None:
    shown = beside(name, value)
    assert shown["value"] == value
    assert shown["is_within"] is within
    assert shown["source"]


def test_what_nobody_publishes_is_said_to_be_so() -> None:
    assert beside("zero_sales_share", 0.5)["source"] == "no published range"
    assert beside("zero_sales_share", 0.5)["published_range"] is None


def test_a_missing_configuration_ends_with_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "--config", str(tmp_path / "none.yml")]) == 2
    assert "is missing" in capsys.readouterr().err
