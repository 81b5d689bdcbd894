"""What must hold for ``mart.price_gap_daily`` and ``mart.born_to_run_daily`` whatever the facts are."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import NormalDist
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, World, insert_world, read_world

FIRST, LAST = date(2026, 5, 25), date(2026, 6, 24)
BUILT = (date(2026, 6, 23), date(2026, 6, 24))
ASINS = ("A", "B")
STOCK, PRICE, ORDER = "stock_coverage_daily", "price_gap_daily", "born_to_run_daily"
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

days = st.sampled_from([FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)])
asins = st.sampled_from(ASINS)
amounts = st.none() | st.integers(-20, 90)
prices = st.none() | st.integers(-1, 30)
hours = st.integers(0, 60).map(lambda back: datetime(2026, 6, 24, 21, tzinfo=UTC) - timedelta(hours=back))


def daily(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Rows of every ASIN on most of the days, each column drawn anew."""
    keys = st.lists(st.tuples(asins, days), unique=True, min_size=40)
    return keys.flatmap(
        lambda chosen: st.tuples(
            *(
                st.fixed_dictionaries({"asin": st.just(asin), "business_date": st.just(day), **columns})
                for asin, day in chosen
            )
        ).map(list)
    )


def some(limit: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries({"asin": asins, **columns}), max_size=limit)


worlds = st.fixed_dictionaries(
    {
        "published": st.just({"sales_daily": [(FIRST, LAST)]}),
        "sales_daily": daily(
            ordered_units=st.none() | st.integers(-2, 9), shipped_units=st.none() | st.integers(-2, 9),
            shipped_revenue_amount=amounts, shipped_cogs_amount=amounts,
        ),
        "margin_daily": daily(net_ppm_ratio=st.none() | st.sampled_from([-0.5, 0, 0.25, 0.6])),
        "inventory_daily": some(12, business_date=days, sellable_on_hand_units=st.integers(-3, 40)),
        "offer_snapshot": some(
            8, observed_at=hours, amazon_price_amount=prices, our_price_amount=prices, lowest_other_price_amount=prices,
            winner_price_amount=prices, owner_code=st.sampled_from(["amazon", "other", "suppressed"]),
        ),
        "promotion": some(2, start_at=hours, end_at=st.none(), funding_per_unit_amount=st.none() | st.integers(0, 3)),
        "product": some(
            2, unit_cost_amount=st.none() | st.integers(0, 9), case_pack_units=st.none() | st.integers(0, 12),
            client_stock_units=st.none() | st.integers(0, 1), first_seen_date=st.none() | st.just(FIRST),
        ),
        "forecast_weekly": some(
            8, generation_date=st.just(date(2026, 6, 21)), mean_units=st.none() | st.integers(0, 70),
            p90_units=st.none() | st.integers(0, 99),
            week_start_date=st.integers(0, 12).map(lambda week: date(2026, 6, 21) + timedelta(weeks=week)),
        ),
        "purchase_order_line": some(
            2, ordered_at=hours, ordered_units=st.integers(1, 40), accepted_units=st.none() | st.integers(0, 40),
        ),
    }
)  # fmt: skip


def built(connection: psycopg.Connection, world: World) -> dict[str, list[Row]]:
    """The rows of the two marts that this world makes, after its stock, without the instants of the builds."""
    try:
        insert_world(connection, world)
        for mart in (STOCK, PRICE, ORDER):
            build_and_publish(connection, mart, [("brand", *BUILT)])
        return {
            mart: [
                {name: value for name, value in row.items() if name != "built_at"}
                for row in read_mart(connection, mart)
            ]
            for mart in (PRICE, ORDER)
        }
    finally:
        connection.rollback()


@FEW
@given(words=worlds, seed=st.integers(0, 2**32))
def test_the_same_facts_in_any_order_make_the_same_rows(
    shared_connection: psycopg.Connection, words: Row, seed: int
) -> None:
    world, shuffled = read_world(words), read_world(words)
    for rows in shuffled.facts.values():
        random.Random(seed).shuffle(rows)
    names = random.Random(seed).sample(list(shuffled.facts), len(shuffled.facts))
    shuffled = World(world.account, world.slices[::-1], {name: shuffled.facts[name] for name in names})
    assert built(shared_connection, world) == built(shared_connection, shuffled)


@FEW
@given(words=worlds)
def test_no_verdict_comes_from_a_missing_price_and_no_liability_is_below_0(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    marts = built(shared_connection, read_world(words))
    judged = [row for row in marts[PRICE] if row["verdict_code"] not in ("unknown", "vendor_loses")]
    needed = ("amazon_price_amount", "market_price_amount", "amazon_margin_ratio")
    assert [row for row in judged if any(row[name] is None for name in needed)] == []
    asked = ("amazon_price_amount", "our_price_amount", "lowest_other_price_amount", "market_price_amount")
    assert [row for row in marts[PRICE] if any(row[name] is not None and row[name] <= 0 for name in asked)] == []
    never_negative = (
        *("quantity_units", "expected_unsold_units", "retention_liability_amount", "return_cash_out_amount"),
        *("return_liability_amount", "worst_case_amount", "window_demand_units", "window_demand_sigma_units"),
    )
    below = [row for row in marts[ORDER] if any(row[name] is not None and row[name] < 0 for name in never_negative)]
    assert below == []
    assert [row for row in marts[ORDER] if (row["expected_unsold_units"] or 0) > (row["quantity_units"] or 0)] == []


@FEW
@given(sold=st.integers(1, 40), more=st.integers(0, 40), stock=st.integers(0, 60), pack=st.integers(1, 12))
def test_more_demand_never_asks_for_fewer_units(
    shared_connection: psycopg.Connection, sold: int, more: int, stock: int, pack: int
) -> None:
    def ordered(units: int) -> int:
        words: Row = {
            "published": {"sales_daily": [(FIRST, LAST)]},
            "sales_daily": [{"asin": "A", "from": FIRST, "to": LAST, "ordered_units": units}],
            "inventory_daily": [
                {"asin": "A", "business_date": LAST, "sellable_on_hand_units": stock, "open_purchase_order_units": 0}
            ],
            "product": [{"asin": "A", "case_pack_units": pack}],
        }
        rows = [row for row in built(shared_connection, read_world(words))[ORDER] if row["business_date"] == LAST]
        quantity = rows[0]["quantity_units"] if rows else 0
        assert quantity % pack == 0
        return int(quantity)

    assert ordered(sold) <= ordered(sold + more)


@pytest.mark.parametrize("sigma", [0, 0.5, 42, 9000])
@pytest.mark.parametrize("mu", [0, 1, 140, 40000])
@pytest.mark.parametrize("quantity", [0, 1, 56, 5000, 1000000])
def test_expected_unsold_units_are_those_of_the_normal_loss_function(
    shared_connection: psycopg.Connection, quantity: int, mu: float, sigma: float
) -> None:
    def loss(units: float) -> float:
        if not sigma:
            return max(units - mu, 0)
        z = (units - mu) / sigma
        return sigma * (z * NormalDist().cdf(z) + NormalDist().pdf(z))

    row = shared_connection.execute(
        "select mart.expected_unsold_units(%(q)s, %(m)s::numeric, %(s)s::numeric)", {"q": quantity, "m": mu, "s": sigma}
    ).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(loss(quantity) - loss(0), rel=1e-9, abs=1e-9)
    assert 0 <= row[0] <= quantity
