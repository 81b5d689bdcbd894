"""A forecast that is due while Amazon still gives the one before: it stays owed and missing until it comes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.settings import Settings
from daybreak.steps import arrivals
from daybreak.steps.arrivals import Arrivals
from daybreak.steps.gating import gate_staged
from daybreak.steps.planning import plan_morning
from daybreak.steps.publishing import publish_gated
from daybreak.steps.verdict import MorningIncomplete, SeriesState, judge_morning, read_series
from daybreak.warehouse.report_requests import read_open_requests
from tests.unit.landing.source_documents import forecast, forecast_row

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
MONDAY = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
DUE, BEFORE = date(2026, 11, 15), date(2026, 11, 8)
ONLY = frozenset({"forecast_weekly"})


class Forecasts:
    """Mornings of an account that asks for its forecast only."""

    def __init__(self, dsn: str, connection: psycopg.Connection, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.dsn, self.connection, self.patch = dsn, connection, patch
        self.settings = Settings(home=home, gap_days=15, minimum_free_mebibytes=0)

    def plan(self, at: datetime = MONDAY) -> int:
        """How many requests are open after the plan of that morning."""
        plan_morning(self.connection, [ITALY], at, "run", self.settings, dataset_codes=ONLY)
        return len(read_open_requests(self.connection, "brand_it"))

    def answer(self, generation: date, *, is_published: bool = True) -> None:
        """Amazon finishes the open request with this generation, which is then judged and published."""
        rows = [
            forecast_row(f"B{number:09d}", forecastGenerationDate=str(generation), meanForecastUnits=generation.day)
            for number in range(30)
        ]
        content = json.dumps(forecast(rows)).encode()

        class Desk:
            @contextmanager
            def fetch(self, *_: Any) -> Iterator[list[bytes]]:
                yield [content]

        self.patch.setattr(arrivals, "desk_for", lambda _: Desk())
        [request] = read_open_requests(self.connection, "brand_it")
        session: Any = object()
        done = replace(request, amazon_status_code="DONE", amazon_document_id="d", asked_at=datetime.now(UTC))
        assert Arrivals(ITALY, self.settings, self.dsn).collect(done, session) is None
        assert gate_staged(ITALY, self.dsn, self.settings) == []
        if is_published:
            publish_gated(ITALY, date(2026, 11, 22), self.settings, self.dsn)

    def state(self, at: datetime = MONDAY) -> SeriesState:
        [state] = [
            each
            for each in read_series(self.connection, [ITALY], at, self.settings)
            if each.dataset_code == "forecast_weekly"
        ]
        return state

    def generations(self) -> list[date]:
        rows = self.connection.execute("select distinct generation_date from core.forecast_weekly order by 1")
        return [day for (day,) in rows]


@pytest.fixture
def forecasts(
    warehouse: str, connection: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Forecasts:
    return Forecasts(warehouse, connection, tmp_path, monkeypatch)


def test_while_amazon_gives_the_generation_before_the_due_one_is_missing_and_every_run_asks_again(
    forecasts: Forecasts,
) -> None:
    for run in range(3):
        assert forecasts.plan(MONDAY + timedelta(hours=run)) == 1
        forecasts.answer(BEFORE)
        state = forecasts.state()
        assert (state.status, list(state.missing)) == ("missing", [DUE])
        with pytest.raises(
            MorningIncomplete, match=r"missing 2026-11-15 \(Amazon still gives that of 2026-11-08; it is"
        ):
            judge_morning([state])
        assert forecasts.generations() == [BEFORE]
    assert forecasts.plan() == 1
    forecasts.answer(DUE)
    assert forecasts.state().status == "complete"
    assert forecasts.generations() == [BEFORE, DUE]
    assert forecasts.plan() == 0


def test_a_generation_that_came_before_it_was_due_ends_the_wait_for_the_one_that_amazon_no_longer_gives(
    forecasts: Forecasts,
) -> None:
    assert forecasts.plan() == 1
    forecasts.answer(date(2026, 11, 22))
    assert (forecasts.state().status, forecasts.state().missing) == ("complete", {})
    assert forecasts.plan() == 0
    wednesday = MONDAY + timedelta(days=2, hours=6)
    assert forecasts.plan(wednesday) == 0
    assert forecasts.state(wednesday).status == "complete"


def test_a_generation_that_has_come_and_is_not_published_says_so(forecasts: Forecasts) -> None:
    forecasts.plan()
    forecasts.answer(DUE, is_published=False)
    assert forecasts.state().missing == {DUE: "its document has come and is not published yet"}


def test_a_generation_that_never_came_is_let_go_when_the_next_one_is_due(forecasts: Forecasts) -> None:
    forecasts.plan()
    forecasts.answer(BEFORE)
    next_week = MONDAY + timedelta(days=7)
    assert forecasts.plan(next_week) == 1
    [request] = read_open_requests(forecasts.connection, "brand_it")
    assert request.window == (date(2026, 11, 22), date(2026, 11, 22))
    forecasts.answer(date(2026, 11, 22))
    assert forecasts.state(next_week).status == "complete"
    assert forecasts.plan(next_week) == 0
