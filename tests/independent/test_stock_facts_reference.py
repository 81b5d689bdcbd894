"""The second computation as a function of its facts: their order, their number types and their tables."""

from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.independent.exact_numbers import rounded
from tests.independent.stock_coverage import compute, read_facts
from tests.independent.stock_facts import AccountFacts, Facts
from tests.independent.stock_worlds import ASIN, END_OF_TODAY, TODAY, World, ago, steady


def rich_world() -> World:
    """A world in which every table has a say."""
    world = steady(on_hand=None).report(40, days_ago=1, average_vendor_lead_time_days=Decimal("17.5"))
    world.reading(0, 30).reading(12, 5).offer(False, 4).forecast(84, 91).order().order("PO2", accepted_units=None)
    world.add("promotion", promotion_id="P1", asin=ASIN, start_at=pd.Timestamp("2025-06-20T00:00Z"), end_at=None)
    world.add("event_calendar", marketplace_code="IT", start_date=ago(12), end_date=ago(11), name="Prime Day")
    world.add("traffic_daily", asin=ASIN, business_date=ago(3), glance_views=9)
    return world.product("seasonal", first_seen_date=ago(59)).sold(2, 364, last=330)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10_000))
def test_the_order_of_the_facts_changes_nothing(seed: int) -> None:
    world = rich_world()
    facts = world.facts()
    shuffled = Facts(**{f.name: getattr(facts, f.name).sample(frac=1, random_state=seed) for f in fields(Facts)})
    dates = [TODAY, ago(1), ago(20)]
    pd.testing.assert_frame_equal(
        compute(facts, world.account(), dates), compute(shuffled, world.account(), list(reversed(dates)))
    )


def test_columns_that_pandas_typed_itself_give_the_same_rows() -> None:
    world = rich_world()
    facts = world.facts()
    inferred = Facts(**{f.name: getattr(facts, f.name).convert_dtypes() for f in fields(Facts)})
    pd.testing.assert_frame_equal(compute(inferred, world.account(), [TODAY]), compute(facts, world.account(), [TODAY]))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(1, 8), "0.13"),
        (Fraction(-1, 8), "-0.13"),
        (Fraction(-1, 1000), "0.00"),
        (Fraction(0), "0.00"),
        (Fraction(2, 3), "0.67"),
        (None, "None"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: Fraction | None, written: str) -> None:
    assert str(rounded(value, 2)) == written


def test_half_a_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number"):
        World().report(1.5).row()  # type: ignore[arg-type]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        World().add("offer_snapshot", asin=ASIN, observed_at=pd.Timestamp("2025-06-20"), has_amazon_offer=True).row()


KNOWN = {"account_id": "acme_it", "load_id": 1, "known_from": END_OF_TODAY}
PRICED = {**KNOWN, "currency_code": "EUR"}
OTHER_COLUMNS: dict[str, dict[str, Any]] = {
    "sales_daily": PRICED,
    "inventory_daily": PRICED,
    "traffic_daily": KNOWN,
    "forecast_weekly": KNOWN,
    "inventory_hourly": KNOWN,
    "offer_snapshot": {**PRICED, "owner_code": "own", "offer_count": 1, "is_split": False},
    "purchase_order_line": PRICED,
    "promotion": {**KNOWN, "kind_code": "coupon", "source_code": "COUPON"},
    "product": {"account_id": "acme_it"},
    "event_calendar": {},
    "slices": {
        "account_id": "acme_it",
        "load_id": 1,
        "content_hash": "",
        "row_count": 1,
        "published_sequence": 1,
        **dict.fromkeys(("requested_at", "first_published_at", "published_at", "confirmed_at"), END_OF_TODAY),
    },
}


def write_world(connection: psycopg.Connection[Any], world: World) -> None:
    """The warehouse holds the world's rows, and its account."""
    connection.execute("set session_replication_role = replica")  # a slice needs no load here
    connection.execute(
        """insert into ops.account values ('acme_it', 'Acme', 'IT', 'APJ6JRA9NG5V4', 'EUR', 'Europe/Rome', 'acme',
            'MANUFACTURING', '{"low_cover_margin_days": 3}', true, now())"""
    )
    for table, rows in world.tables.items():
        if table.endswith(("_daily", "_hourly", "_weekly", "_snapshot")):
            connection.execute("select ops.make_partitions(%s::regclass, %s, %s)", (f"core.{table}", ago(400), TODAY))
        schema, name = {"slices": ("ops", "slice"), "event_calendar": ("ops", table)}.get(table, ("core", table))
        for row in rows:
            figures = {**OTHER_COLUMNS[table], **row}
            statement = sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(schema, name),
                sql.SQL(", ").join(map(sql.Identifier, figures)),
                sql.SQL(", ").join(map(sql.Placeholder, figures)),
            )
            connection.execute(statement, figures)


def test_the_facts_read_from_the_warehouse_give_the_same_rows(connection: psycopg.Connection[Any]) -> None:
    world = rich_world()
    write_world(connection, world)
    facts, account = read_facts(connection, "acme_it")
    assert account == AccountFacts("acme_it", "IT", "EUR", "Europe/Rome", "MANUFACTURING", {"low_cover_margin_days": 3})
    dates = [TODAY, ago(1), ago(40)]
    expected = compute(world.facts(), account, dates)
    assert len(expected) == 3
    pd.testing.assert_frame_equal(compute(facts, account, dates), expected)


def test_an_unknown_account_is_named(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(LookupError, match="nobody_it"):
        read_facts(connection, "nobody_it")
