"""What must hold for ``mart.stock_coverage_daily`` whatever the facts are, on small random worlds."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, World, insert_world, read_world

MART = "stock_coverage_daily"
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 24)
BUILT = (date(2026, 6, 22), date(2026, 6, 25))
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
ASINS = ("A", "B", "C")
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

days = st.sampled_from(DAYS)
asins = st.sampled_from(ASINS)
units = st.none() | st.integers(-2, 9)
hours = st.integers(0, 24 * 5).map(lambda back: datetime(2026, 6, 25, 21, tzinfo=UTC) - timedelta(hours=back))
on_hand = st.none() | st.integers(-3, 200)


def rows_of(asin: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Rows of one ASIN on some of the days, each column drawn anew."""
    return st.lists(days, unique=True, min_size=4).flatmap(
        lambda chosen: st.tuples(
            *(
                st.fixed_dictionaries({"asin": st.just(asin), "business_date": st.just(day), **columns})
                for day in chosen
            )
        ).map(list)
    )


def rows_of_all(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Rows of every ASIN."""
    return st.tuples(*(rows_of(asin, **columns) for asin in ASINS)).map(
        lambda each: [row for rows in each for row in rows]
    )


def some(limit: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Up to ``limit`` rows of random ASINs."""
    return st.lists(st.fixed_dictionaries({"asin": asins, **columns}), max_size=limit)


def spans() -> st.SearchStrategy[list[tuple[date, date]]]:
    """All days, or all but one."""
    whole = [(FIRST, LAST)]
    around = days.map(lambda day: [(FIRST, day - timedelta(days=1)), (day + timedelta(days=1), LAST)])
    return st.just(whole) | around


worlds = st.fixed_dictionaries(
    {
        "published": st.fixed_dictionaries({"sales_daily": spans(), "inventory_daily": spans()}),
        "sales_daily": rows_of_all(
            ordered_units=units, ordered_revenue_amount=st.none() | st.integers(0, 99)
        ),
        "inventory_daily": rows_of_all(
            sellable_on_hand_units=on_hand,
            sellable_on_hand_cost_amount=st.none() | st.integers(0, 999),
            open_purchase_order_units=st.none() | st.integers(-1, 30),
            unfilled_customer_ordered_units=st.none() | st.integers(0, 2),
            average_vendor_lead_time_days=st.none() | st.integers(1, 30),
        ),
        "inventory_hourly": some(6, hour_start_at=hours, highly_available_units=on_hand),
        "offer_snapshot": some(4, observed_at=hours, has_amazon_offer=st.booleans()),
        "promotion": some(2, start_at=hours, end_at=st.none()),
        "product": some(
            2, lifecycle_code=st.sampled_from(["launch", "active", "seasonal", "phase_out", "discontinued"]),
            first_seen_date=st.just(FIRST),
        ),
        "forecast_weekly": some(
            6,
            generation_date=st.sampled_from([date(2026, 6, 14), date(2026, 6, 21)]),
            week_start_date=st.integers(0, 12).map(lambda week: date(2026, 6, 21) + timedelta(weeks=week)),
            mean_units=st.integers(0, 70),
        ),
        "purchase_order_line": some(
            3,
            po_number=st.sampled_from(["P1", "P2"]),
            ordered_at=hours,
            ordered_units=st.integers(1, 40),
            accepted_units=st.none() | st.integers(0, 40),
            received_units=st.none() | st.integers(0, 40),
            confirmation_code=st.sampled_from([None, "unconfirmed", "accepted", "rejected"]),
            window_end_date=st.none() | days,
        ),
    }
)  # fmt: skip


def built(connection: psycopg.Connection, spans_built: Sequence[tuple[str, date, date]]) -> list[Row]:
    """The mart's rows after one build of these spans, without the instant of the build."""
    build_and_publish(connection, MART, spans_built)
    return without_instants(read_mart(connection, MART))


def without_instants(rows: Sequence[Row]) -> list[Row]:
    return [{column: value for column, value in row.items() if column != "built_at"} for row in rows]


def rebuilt_from(connection: psycopg.Connection, *known: World) -> list[Row]:
    """The mart that these worlds alone make, all accounts built at once; nothing of it is kept."""
    try:
        for world in known:
            insert_world(connection, world)
        return built(connection, [(world.account["account_id"], *BUILT) for world in known])
    finally:
        connection.rollback()


@FEW
@given(words=worlds, seed=st.integers(0, 2**32))
def test_the_same_facts_in_any_order_make_the_same_mart(
    shared_connection: psycopg.Connection, words: Row, seed: int
) -> None:
    world = read_world(words)
    shuffled = read_world(words)
    names = list(shuffled.facts)
    random.Random(seed).shuffle(names)
    for rows in shuffled.facts.values():
        random.Random(seed).shuffle(rows)
    shuffled = World(world.account, world.slices[::-1], {name: shuffled.facts[name] for name in names})
    rows = rebuilt_from(shared_connection, world)
    assert rows
    assert rows == rebuilt_from(shared_connection, shuffled)


@FEW
@given(words=worlds)
def test_a_rebuild_from_the_same_facts_touches_no_row(shared_connection: psycopg.Connection, words: Row) -> None:
    try:
        insert_world(shared_connection, read_world(words))
        build_and_publish(shared_connection, MART, [("brand", *BUILT)])
        before = read_mart(shared_connection, MART)
        build_and_publish(shared_connection, MART, [("brand", *BUILT)])
        assert before
        assert before == read_mart(shared_connection, MART)
    finally:
        shared_connection.rollback()


@FEW
@given(words=worlds, other_words=worlds)
def test_an_account_is_built_beside_others_as_it_is_built_alone(
    shared_connection: psycopg.Connection, words: Row, other_words: Row
) -> None:
    account = {"time_zone": "Asia/Tokyo", "marketplace_code": "JP", "thresholds": {"critical_cover_days": 3}}
    brand = read_world(words)
    other = read_world({**other_words, "account": account}, "other")
    alone = rebuilt_from(shared_connection, brand) + rebuilt_from(shared_connection, other)
    assert rebuilt_from(shared_connection, brand, other) == alone


@FEW
@given(words=worlds)
def test_a_range_is_built_as_its_days_are_built_one_by_one(shared_connection: psycopg.Connection, words: Row) -> None:
    world = read_world(words)
    at_once = rebuilt_from(shared_connection, world)
    first, last = BUILT
    try:
        insert_world(shared_connection, world)
        for offset in reversed(range((last - first).days + 1)):
            day = first + timedelta(days=offset)
            one_by_one = built(shared_connection, [("brand", day, day)])
    finally:
        shared_connection.rollback()
    assert at_once == one_by_one


@FEW
@given(words=worlds)
def test_twice_the_stock_never_lasts_shorter(shared_connection: psycopg.Connection, words: Row) -> None:
    doubled = {
        **words,
        **{
            table: [{**row, column: None if row[column] is None else row[column] * 2} for row in words[table]]
            for table, column in (
                ("inventory_daily", "sellable_on_hand_units"),
                ("inventory_hourly", "highly_available_units"),
            )
        },
    }
    covers = {key(row): row["days_of_cover"] for row in rebuilt_from(shared_connection, read_world(words))}
    more = {key(row): row["days_of_cover"] for row in rebuilt_from(shared_connection, read_world(doubled))}
    assert covers.keys() == more.keys()
    known = {k: cover for k, cover in covers.items() if cover is not None}
    assert {k: (cover, more[k]) for k, cover in known.items() if more[k] is None or more[k] < cover} == {}


def key(row: Row) -> tuple[date, str]:
    return row["business_date"], row["asin"]
