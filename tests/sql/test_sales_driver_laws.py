"""What must hold for ``mart.sales_driver_daily`` whatever the facts are: the parts are the change, exactly."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, World, insert_world, read_world

MART = "sales_driver_daily"
PARTS = ("traffic_amount", "buy_box_amount", "conversion_amount", "price_amount", "new_amount", "gone_amount")
FIRST, LAST = date(2026, 4, 10), date(2026, 6, 14)
BUILT = (date(2026, 6, 12), date(2026, 6, 14))
DAYS = [LAST - timedelta(days=back) for back in (0, 1, 2, 3, 6, 7, 8, 13, 14, 20, 29, 30, 34, 40, 50, 60, 62, 64)]
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = settings(max_examples=400, deadline=None)

amounts = st.decimals(-9999, 99999, places=5, allow_nan=False)
counts = st.integers(-20, 500) | st.sampled_from([0, 1])
views = st.integers(0, 2000) | st.just(0)


@MANY
@given(
    revenues=st.tuples(amounts, amounts),
    units=st.tuples(counts, counts),
    featured=st.tuples(views, views),
    total=st.tuples(st.decimals(0, 5000, places=3), st.decimals(0, 5000, places=3)),
)
def test_the_parts_of_any_change_add_up_to_it_to_the_last_decimal(
    shared_connection: psycopg.Connection,
    revenues: tuple[Decimal, Decimal],
    units: tuple[int, int],
    featured: tuple[int, int],
    total: tuple[Decimal, Decimal],
) -> None:
    parts = decomposed(shared_connection, (*revenues, *units, *featured, *total))
    assert sum(parts) == revenues[0] - revenues[1]
    assert [part for part in parts if part != round(part, 5)] == []


@MANY
@given(
    revenues=st.tuples(st.decimals("0.01", 99999, places=2), st.decimals("0.01", 99999, places=2)),
    units=st.tuples(st.integers(1, 500), st.integers(1, 500)),
    featured=st.tuples(st.integers(1, 2000), st.integers(1, 2000)),
)
def test_turning_the_periods_round_turns_every_part_round(
    shared_connection: psycopg.Connection,
    revenues: tuple[Decimal, Decimal],
    units: tuple[int, int],
    featured: tuple[int, int],
) -> None:
    there = decomposed(shared_connection, (*revenues, *units, *featured, *featured))
    back = decomposed(shared_connection, (*revenues[::-1], *units[::-1], *featured[::-1], *featured[::-1]))
    assert there == [-part for part in back]


@MANY
@given(revenue=st.decimals("0.01", 99999, places=2), before=st.integers(1, 900), after=st.integers(1, 900))
def test_a_change_of_one_factor_alone_is_wholly_its_own(
    shared_connection: psycopg.Connection, revenue: Decimal, before: int, after: int
) -> None:
    """Views, units and revenue grow alike, so that conversion and price stay."""
    figures = (revenue * after, revenue * before, after, before, after, before, after, before)
    assert decomposed(shared_connection, figures)[0] == revenue * (after - before)


def decomposed(connection: psycopg.Connection, figures: Sequence[Decimal | int]) -> list[Decimal]:
    """The six parts; ``figures`` are revenue, units, featured and total views, each after and before."""
    row = connection.execute(
        "select d.* from mart.sales_drivers(%s::numeric, %s::numeric, %s::numeric, %s::numeric, %s::numeric, "
        " %s::numeric, %s::numeric, %s::numeric) as d",
        figures,
    ).fetchone()
    assert row is not None
    return list(row[1:])


def rows_of(asin: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Rows of one ASIN on some of the days, each column drawn anew."""
    return st.lists(st.sampled_from(DAYS), unique=True, min_size=1).flatmap(
        lambda chosen: st.tuples(
            *(
                st.fixed_dictionaries({"asin": st.just(asin), "business_date": st.just(day), **columns})
                for day in chosen
            )
        ).map(list)
    )


def rows_of_all(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.tuples(*(rows_of(asin, **columns) for asin in ("A", "B", "C"))).map(
        lambda each: [row for rows in each for row in rows]
    )


def every_day(asin: str) -> st.SearchStrategy[list[Row]]:
    """A lost share on each day, on some days of all views."""
    length = (LAST - FIRST).days + 1
    shares = st.lists(st.sampled_from(["0", "0.25", "0.333333", "1"]), min_size=length, max_size=length)
    return st.tuples(shares, st.integers(0, 40)).map(
        lambda drawn: [
            {
                "asin": asin,
                "business_date": FIRST + timedelta(days=place),
                "glance_views": 0 if share == "1" else drawn[1] + place % 3,
                "lost_featured_offer_ratio": share,
            }
            for place, share in enumerate(drawn[0])
        ]
    )


worlds = st.fixed_dictionaries(
    {
        "published": st.just({"sales_daily": [(FIRST, LAST)], "traffic_daily": [(FIRST, LAST)]}),
        "sales_daily": rows_of_all(
            ordered_units=st.none() | st.integers(-5, 30) | st.integers(0, 30),
            ordered_revenue_amount=st.none() | st.decimals(-99, 999, places=2) | st.decimals(0, 999, places=2),
        ),
        "traffic_daily": rows_of_all(glance_views=st.integers(0, 99)),
        "featured_offer_loss_daily": every_day("A"),
        "inventory_daily": rows_of_all(sellable_on_hand_units=st.none() | st.integers(-1, 3)),
    }
)


def rebuilt_from(connection: psycopg.Connection, world: World, spans: Sequence[tuple[date, date]]) -> list[Row]:
    """The mart that this world makes, built span by span; nothing of it is kept."""
    try:
        insert_world(connection, world)
        for first, last in spans:
            build_and_publish(connection, MART, [("brand", first, last)])
        return [{k: v for k, v in row.items() if k != "built_at"} for row in read_mart(connection, MART)]
    finally:
        connection.rollback()


@FEW
@given(words=worlds)
def test_the_parts_add_up_per_product_and_per_account(shared_connection: psycopg.Connection, words: Row) -> None:
    rows = rebuilt_from(shared_connection, read_world(words), [BUILT])
    assert rows
    for row in rows:
        known = [row[part] for part in PARTS if row[part] is not None]
        if row["method_code"] is None:
            assert known == []
            assert row["revenue_change_amount"] is None
        else:
            assert sum(known) == row["revenue_change_amount"] == row["revenue_amount"] - row["revenue_before_amount"]
            assert (row["buy_box_amount"] is not None) == row["has_buy_box_factor"]
    changes = sum(row["revenue_change_amount"] or 0 for row in rows)
    assert sum(row[part] or 0 for row in rows for part in PARTS) == changes


@FEW
@given(words=worlds)
def test_a_range_is_built_as_its_days_are_built_one_by_one(shared_connection: psycopg.Connection, words: Row) -> None:
    world = read_world(words)
    one_by_one = [(LAST - timedelta(days=back), LAST - timedelta(days=back)) for back in range(3)]
    assert rebuilt_from(shared_connection, world, [BUILT]) == rebuilt_from(shared_connection, world, one_by_one)


@FEW
@given(words=worlds)
def test_the_same_facts_in_another_order_make_the_same_mart(shared_connection: psycopg.Connection, words: Row) -> None:
    world = read_world(words)
    turned = World(world.account, world.slices[::-1], {name: rows[::-1] for name, rows in world.facts.items()})
    assert rebuilt_from(shared_connection, world, [BUILT]) == rebuilt_from(shared_connection, turned, [BUILT])
