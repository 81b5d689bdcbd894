"""The truth says what the figures show: each line can be checked against the days that it names."""

import json
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from starlette.testclient import TestClient

from simulator.__main__ import main
from simulator.config import SimulatorConfig
from simulator.server import build_app
from simulator.simulation import Simulation
from simulator.world.history import AccountWorld, Span
from simulator.world.incidents import Kind
from simulator.world.states import runs
from simulator.world.truth import Fact, tell_truth

from .conftest import NOW, START_DATE, MakeAccount

FIRST, LAST = date(2026, 8, 1), date(2026, 11, 20)


@pytest.fixture(scope="module")
def truth_world(make_account: MakeAccount) -> AccountWorld:
    return AccountWorld(make_account(asins=300), 11, date(2025, 6, 1))


@pytest.fixture(scope="module")
def truth(truth_world: AccountWorld) -> list[Fact]:
    return tell_truth(truth_world, FIRST, LAST)


def cell(world: AccountWorld, fact: Fact) -> Callable[[str], np.ndarray]:
    """The figures of a fact's product on its days, by name."""
    span: Span = world.span(fact.first_day, fact.last_day)
    index = world.catalogue.asins.index(fact.asin or "")
    return lambda name: np.asarray(span[name][:, index].astype(float))


def of_kind(truth: list[Fact], kind: Kind) -> list[Fact]:
    found = [fact for fact in truth if fact.kind is kind]
    assert found, kind
    return found


def test_every_line_touches_the_days_asked_for_and_names_a_product(
    truth_world: AccountWorld, truth: list[Fact]
) -> None:
    asins = set(truth_world.catalogue.asins)
    whole = {Kind.SHOPPING_EVENT, Kind.RESTATEMENT, Kind.DAY_WITHOUT_DATA}
    for fact in truth:
        assert fact.first_day <= LAST
        assert fact.last_day >= FIRST
        assert (fact.asin in asins) != (fact.kind in whole)
        assert fact.is_incident is fact.kind.is_incident
        assert fact.measure
    assert {fact.kind for fact in truth} >= set(Kind) - {Kind.DELISTING}


def test_what_was_drawn_too_small_to_be_seen_is_told_to_be_so(truth: list[Fact]) -> None:
    undercuts = of_kind(truth, Kind.UNDERCUT)
    assert {fact.is_small for fact in undercuts} == {True, False}
    assert all(fact.is_small == (fact.size < 0.01) for fact in undercuts)
    assert not any(fact.is_small for fact in of_kind(truth, Kind.STOCK_OUT))


def test_no_line_stands_twice(truth: list[Fact]) -> None:
    keys = [(fact.asin, fact.kind, fact.first_day) for fact in truth]
    assert len(keys) == len(set(keys))


def test_nothing_is_on_hand_in_a_stock_out_and_something_around_it(
    truth_world: AccountWorld, truth: list[Fact]
) -> None:
    for fact in of_kind(truth, Kind.STOCK_OUT):
        assert cell(truth_world, fact)("on_hand").max() <= 0
    told = {
        (fact.asin, fact.first_day + timedelta(days=day))
        for fact in of_kind(truth, Kind.STOCK_OUT)
        for day in range((fact.last_day - fact.first_day).days + 1)
    }
    on_hand = truth_world.span(FIRST, LAST)["on_hand"]
    for row, index in np.argwhere(on_hand <= 0).tolist():
        day, catalogue = FIRST + timedelta(days=row), truth_world.catalogue
        number = truth_world.index_of(day)
        is_meant = catalogue.active(number)[index] and catalogue.active(number - 30)[index]
        is_wanted = truth_world.demand.expected_units(number)[index] >= 0.004
        assert ((catalogue.asins[index], day) in told) == (is_meant and is_wanted)


def test_a_stock_out_names_its_supply_cause_and_the_cause_names_it(truth: list[Fact]) -> None:
    explained = [fact for fact in of_kind(truth, Kind.STOCK_OUT) if fact.causes]
    assert len(explained) > 10
    names = {cause.split()[0] for fact in explained for cause in fact.causes}
    assert {"PO_REJECTED", "PO_UNCONFIRMED", "PO_OVERDUE", "DEMAND_SURGE"} >= names
    assert "PO_REJECTED" in names
    lines = {(fact.asin, f"STOCK_OUT {fact.first_day}..{fact.last_day}") for fact in of_kind(truth, Kind.STOCK_OUT)}
    led = [(fact.asin, line) for fact in of_kind(truth, Kind.PO_REJECTED) for line in fact.consequences]
    assert led
    assert set(led) <= lines


def test_an_overstock_is_more_than_twelve_weeks_of_what_sold_lately(
    truth_world: AccountWorld, truth: list[Fact]
) -> None:
    for fact in of_kind(truth, Kind.OVERSTOCK):
        before = truth_world.span(fact.first_day - timedelta(days=27), fact.first_day)
        index = truth_world.catalogue.asins.index(fact.asin or "")
        in_stock = before["on_hand"][:, index] > 0
        daily = before["ordered"][in_stock, index].mean()
        assert cell(truth_world, fact)("on_hand")[0] > 84 * daily
        assert (fact.last_day - fact.first_day).days >= 6
        assert fact.size >= 1
    assert any("OVERBUYING" in cause for fact in of_kind(truth, Kind.OVERSTOCK) for cause in fact.causes)


def test_dead_stock_has_not_sold_for_four_weeks_with_stock_all_the_time(
    truth_world: AccountWorld, truth: list[Fact]
) -> None:
    for fact in of_kind(truth, Kind.DEAD_STOCK):
        index = truth_world.catalogue.asins.index(fact.asin or "")
        span = truth_world.span(fact.first_day - timedelta(days=27), fact.last_day)
        assert span["ordered"][:, index].sum() == 0
        assert span["on_hand"][:, index].min() > 0
    assert any("DEMAND_GONE" in cause for fact in of_kind(truth, Kind.DEAD_STOCK) for cause in fact.causes)


def test_a_missing_offer_has_stock_and_no_offer_of_amazons(truth_world: AccountWorld, truth: list[Fact]) -> None:
    for fact in of_kind(truth, Kind.OFFER_MISSING):
        figures = cell(truth_world, fact)
        assert figures("on_hand")[0] > 0
        assert figures("on_hand")[-1] > 0
        assert figures("featured_share").max() == 0


def test_an_undercut_begins_and_ends_below_amazons_price(truth_world: AccountWorld, truth: list[Fact]) -> None:
    for fact in of_kind(truth, Kind.UNDERCUT):
        figures = cell(truth_world, fact)
        below = figures("other_price") < figures("price")
        assert below[0]
        assert below[-1]
        assert fact.detail["seller_id"] in truth_world.market.sellers


def test_refused_orders_were_placed_and_refused(truth_world: AccountWorld, truth: list[Fact]) -> None:
    for fact in of_kind(truth, Kind.PO_REJECTED):
        figures = cell(truth_world, fact)
        assert figures("asked")[0] > 0
        assert figures("asked")[-1] > 0
        assert figures("confirmed").sum() == 0


def test_an_unconfirmed_order_is_open_until_it_should_have_come(truth_world: AccountWorld, truth: list[Fact]) -> None:
    for fact in of_kind(truth, Kind.PO_UNCONFIRMED):
        figures = cell(truth_world, fact)
        assert figures("asked")[0] > 0
        assert figures("confirm_day_offset")[0] == -1


def test_an_overdue_order_is_late_from_its_due_day_until_it_comes(truth_world: AccountWorld, truth: list[Fact]) -> None:
    for fact in of_kind(truth, Kind.PO_OVERDUE):
        index = truth_world.catalogue.asins.index(fact.asin or "")
        ordered = fact.first_day - timedelta(days=int(truth_world.catalogue.lead_days[index]) + 3)
        placed = truth_world.span(ordered, ordered)
        assert placed["asked"][0, index] > 0
        assert ordered + timedelta(days=int(placed["way_days"][0, index])) >= fact.first_day
        assert (fact.last_day - fact.first_day).days + 1 >= int(fact.size)


def test_a_line_is_the_same_whichever_days_are_asked_for(truth_world: AccountWorld, truth: list[Fact]) -> None:
    middle = tell_truth(truth_world, date(2026, 9, 10), date(2026, 9, 20))
    lines = {(fact.asin, fact.kind, fact.first_day, fact.last_day) for fact in truth}
    short = [fact for fact in middle if (fact.last_day - fact.first_day).days < 100]
    assert len(short) > 20
    assert all((fact.asin, fact.kind, fact.first_day, fact.last_day) in lines for fact in short)


def test_before_the_beginning_nothing_is_true(truth_world: AccountWorld) -> None:
    assert tell_truth(truth_world, date(2025, 1, 1), date(2025, 5, 1)) == []


def test_runs_join_over_short_gaps_and_drop_short_ones() -> None:
    mask = np.array([[1, 0], [0, 1], [1, 1], [0, 1], [0, 0], [1, 0]], dtype=bool)
    assert list(runs(mask)) == [(0, 0, 0), (0, 2, 2), (0, 5, 5), (1, 1, 3)]
    assert list(runs(mask, gap=1)) == [(0, 0, 2), (0, 5, 5), (1, 1, 3)]
    assert list(runs(mask, gap=2, shortest=4)) == [(0, 0, 5)]


@pytest.fixture
def client(simulation: Simulation) -> TestClient:
    return TestClient(build_app(simulation))


def headers(simulation: Simulation) -> dict[str, str]:
    return {"x-control-token": simulation.config.control_token.get_secret_value()}


def test_the_truth_is_told_only_to_who_holds_the_control_token(client: TestClient, simulation: Simulation) -> None:
    assert client.get("/truth").status_code == 401
    assert client.get("/truth", headers={"x-control-token": "guess"}).status_code == 401
    answer = client.get("/truth", headers=headers(simulation))
    assert answer.status_code == 200
    lines: list[dict[str, Any]] = answer.json()
    assert {line["account_id"] for line in lines} == {"demo_it"}
    assert max(line["first_day"] for line in lines) <= "2026-11-22"


def test_days_and_account_can_be_chosen(client: TestClient, simulation: Simulation) -> None:
    world = simulation.worlds.of(simulation.config.accounts[0])
    chosen = {"from": "2026-10-01", "to": "2026-10-31", "account": "demo_it"}
    lines = client.get("/truth", params=chosen, headers=headers(simulation)).json()
    assert lines == [fact.record() for fact in tell_truth(world, date(2026, 10, 1), date(2026, 10, 31))]
    unknown = client.get("/truth", params={"account": "nobody"}, headers=headers(simulation))
    assert unknown.status_code == 404
    assert "demo_it" in unknown.json()["detail"]


@pytest.fixture
def config_path(tmp_path: Path, make_account: MakeAccount) -> Path:
    account = make_account(asins=60)
    hidden = {name: getattr(account, name).get_secret_value() for name in ("client_secret", "refresh_token")}
    configuration = {
        "seed": 7,
        "start_date": "2026-05-01",
        "clock": {"now": NOW.isoformat()},
        "control_token": secrets.token_hex(16),
        "world": {"incident_rates": {"UNDERCUT": 0, "PAGE_GONE": 100}},
        "accounts": [account.model_dump(mode="json") | hidden],
    }
    path = tmp_path / "simulator.yml"
    path.write_text(yaml.safe_dump(configuration))
    return path


def test_the_command_prints_one_line_for_each_fact(config_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--from", "2026-09-01", "--to", "2026-10-31", "--account", "demo_it"]
    assert main(["truth", "--config", str(config_path), *days]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"PAGE_GONE"} <= {line["kind"] for line in lines}
    assert "UNDERCUT" not in {line["kind"] for line in lines}, "the mix of the configuration counts"
    assert all(line["first_day"] <= "2026-10-31" and line["last_day"] >= "2026-09-01" for line in lines)


def test_an_unknown_account_ends_with_code_two(config_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["truth", "--config", str(config_path), "--account", "nobody"]) == 2
    assert "there are demo_it" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "rate"), [("LAUNCH", 3), ("UNDERCUT", -1), ("TEA_TIME", 1)])
def test_a_rate_that_means_nothing_is_refused(make_account: MakeAccount, kind: str, rate: float) -> None:
    with pytest.raises(ValueError, match="incident_rates"):
        SimulatorConfig(
            start_date=START_DATE,
            control_token=secrets.token_hex(8),
            accounts=[make_account()],
            world={"incident_rates": {kind: rate}},
        )
