"""Restated months: built newest first and bounded, without those that a dawn builds; a second night finds nothing."""

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.business_dates import days
from daybreak.settings import Settings
from daybreak.steps.rebuilding import rebuild_restated
from daybreak.warehouse.mart_reach import build_order
from tests.sql.worlds import insert_world, read_world

IT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
NIGHT = datetime(2026, 7, 3, 21, 30, tzinfo=UTC)
MART = "content_score_daily"


@pytest.fixture
def restated(connection: psycopg.Connection) -> psycopg.Connection:
    """Days of three months that Amazon restated, and one that the next dawn builds."""
    begin = {"published": {"traffic_daily": [[date(2026, 3, 1), date(2026, 3, 1)]]}}
    insert_world(connection, read_world(begin, "brand_it"))
    for day in ("2026-03-05", "2026-03-20", "2026-04-10", "2026-05-01", "2026-07-01"):
        connection.execute(
            "insert into ops.dirty_mart (account_id, mart_code, business_date) values ('brand_it', %(m)s, %(d)s)",
            {"m": MART, "d": day},
        )
    return connection


def left(connection: psycopg.Connection) -> list[date]:
    query = "select business_date from ops.dirty_mart where mart_code = %(m)s order by 1"
    return [row[0] for row in connection.execute(query, {"m": MART})]


def test_a_night_builds_the_newest_months_it_can_afford_and_the_next_the_rest(
    restated: psycopg.Connection, warehouse: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, rebuild_months=2)
    first = rebuild_restated([IT], NIGHT, settings, warehouse)
    assert (first.built, first.left, first.blocked) == (2, 1, [])
    assert left(restated) == [date(2026, 3, 5), date(2026, 3, 20), date(2026, 7, 1)]
    second = rebuild_restated([IT], NIGHT, settings, warehouse)
    assert (second.built, second.left) == (1, 0)
    assert left(restated) == [date(2026, 7, 1)], "what a dawn builds is left to it"
    assert rebuild_restated([IT], NIGHT, settings, warehouse).built == 0
    spans = "select from_date, to_date from ops.build where mart_code = %(m)s order by build_id"
    assert restated.execute(spans, {"m": MART}).fetchall() == [
        (date(2026, 5, 1), date(2026, 5, 1)),
        (date(2026, 4, 10), date(2026, 4, 10)),
        (date(2026, 3, 5), date(2026, 3, 20)),
    ]


def test_an_account_that_is_not_active_is_left(restated: psycopg.Connection, warehouse: str, tmp_path: Path) -> None:
    idle = IT.model_copy(update={"is_active": False})
    assert rebuild_restated([idle], NIGHT, Settings(home=tmp_path), warehouse).built == 0
    assert len(left(restated)) == 5


def test_days_before_the_first_report_are_not_built_because_they_have_no_catalogue(
    connection: psycopg.Connection, warehouse: str, tmp_path: Path
) -> None:
    first, last = date(2026, 6, 1), date(2026, 6, 19)
    facts = {
        "published": {"inventory_daily": [[first, last]], "traffic_daily": [[first, last]]},
        "inventory_daily": [{"from": first, "to": last, "asin": "B000000001", "sellable_on_hand_units": 5}],
        "traffic_daily": [{"from": first, "to": last, "asin": "B000000001", "glance_views": 5}],
    }
    insert_world(connection, read_world(facts, "brand_it"))
    for day in days(date(2026, 5, 17), date(2026, 6, 10)):
        connection.execute(
            "insert into ops.dirty_mart (account_id, mart_code, business_date)"
            " select 'brand_it', unnest(%(m)s::text[]), %(d)s",
            {"m": list(build_order()), "d": day},
        )
    done = rebuild_restated([IT], NIGHT, Settings(home=tmp_path, rebuild_months=100), warehouse)
    assert (done.blocked, done.left) == ([], 0)
    assert done.built >= len(build_order())
    built = connection.execute(
        "select min(business_date), max(business_date) from mart.stock_coverage_daily"
    ).fetchone()
    assert built == (first, date(2026, 6, 10))
