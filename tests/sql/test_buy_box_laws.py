"""What must hold for the Buy Box marts whatever was seen, on small random worlds."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, World, insert_world, read_world

FIRST, LAST = date(2026, 5, 24), date(2026, 6, 20)
BUILT = (date(2026, 6, 6), date(2026, 6, 20))
MARTS = ("buy_box_weekly", "buy_box_incident", "buy_box_recovery")
ASINS = ("A", "B", "C")
OURS = ("amazon", "own")
ROUNDED = Decimal("0.000002")
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

instants = st.integers(0, 28 * 24 * 2 - 1).map(
    lambda half: datetime(2026, 5, 23, 22, tzinfo=UTC) + timedelta(minutes=30 * half)
)
days = st.integers(0, 27).map(lambda offset: FIRST + timedelta(days=offset))
prices = st.none() | st.integers(1, 30)


@st.composite
def looks(draw: st.DrawFn) -> list[Row]:
    """Looks at each product, hours or days apart, some so close to each other that nothing is confirmed."""
    rows: list[Row] = []
    for asin in ASINS:
        for at in draw(st.lists(instants, min_size=4, max_size=40, unique=True)):
            owner = draw(st.sampled_from(("amazon", "own", "other", "other", "suppressed", "none")))
            winner = draw(st.sampled_from(("S1", "S2"))) if owner == "other" else None
            rows.append(
                {"asin": asin, "observed_at": at, "owner_code": owner, "winner_seller_id": winner}
                | {"winner_price_amount": draw(prices), "our_price_amount": draw(prices)}
                | {"has_amazon_offer": draw(st.booleans())}
            )
    return rows


@st.composite
def each_day(draw: st.DrawFn, /, **columns: st.SearchStrategy[object]) -> list[Row]:
    """Rows of every product on some days, each column drawn anew."""
    return [
        {"asin": asin, "business_date": day, **{name: draw(values) for name, values in columns.items()}}
        for asin in ASINS
        for day in draw(st.lists(days, unique=True, max_size=28))
    ]


STOCKED = {"stock_status_code": "healthy", "demand_basis_code": "none", "demand_day_count": 0, "lead_time_days": 14}
worlds = st.fixed_dictionaries(
    {
        "published": st.just({"sales_daily": [(FIRST, LAST)], "featured_offer_loss_daily": [(FIRST, LAST)]}),
        "product": st.just([{"asin": asin, "first_seen_date": FIRST} for asin in ASINS]),
        "offer_snapshot": looks(),
        "sales_daily": each_day(
            ordered_units=st.none() | st.integers(-2, 9), ordered_revenue_amount=st.none() | st.integers(0, 99)
        ),
        "inventory_daily": each_day(sellable_on_hand_units=st.none() | st.integers(-1, 40)),
        "featured_offer_loss_daily": each_day(
            glance_views=st.none() | st.integers(0, 50),
            lost_featured_offer_ratio=st.sampled_from([None, 0, 0.25, 0.5, 1]),
        ),
        "stock_coverage_daily": st.just(
            [
                {
                    "asin": asin,
                    "from": FIRST,
                    "to": LAST,
                    "sellable_on_hand_units": on_hand,
                    "expected_units_per_day": 2,
                }
                | STOCKED
                for asin, on_hand in zip(ASINS, (0, 5, None), strict=True)
            ]
        ),
    }
)


def without_instants(rows: list[Row]) -> list[Row]:
    return [{column: value for column, value in row.items() if column != "built_at"} for row in rows]


def built_from(connection: psycopg.Connection, world: World, *spans: tuple[date, date]) -> dict[str, list[Row]]:
    """The rows of the three marts that this world makes, built span after span; nothing of it is kept."""
    try:
        insert_world(connection, world)
        for mart in MARTS:
            for first, last in spans:
                build_and_publish(connection, mart, [("brand", first, last)])
        return {mart: without_instants(read_mart(connection, mart)) for mart in MARTS}
    finally:
        connection.rollback()


@FEW
@given(words=worlds)
def test_shares_of_what_was_seen_add_up_to_one_and_of_the_unseen_are_unknown(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    rows = built_from(shared_connection, read_world(words), BUILT)["buy_box_weekly"]
    assert len(rows) == 3 * len(ASINS)
    for row in rows:
        shares = [row[name] for name in ("ownership_ratio", "other_ratio", "suppressed_ratio", "none_ratio")]
        if row["observed_snapshots"] == 0:
            assert shares == [None] * 4
        else:
            assert abs(sum(shares) - 1) <= ROUNDED
            assert 0 <= row["amazon_ratio"] <= row["ownership_ratio"] <= 1
        if row["headline_ratio"] is not None:
            assert 0 <= row["headline_ratio"] <= 1
            assert row["official_lost_ratio"] is not None or row["is_sufficient"]


@FEW
@given(words=worlds)
def test_incidents_are_the_lost_looks_none_twice_and_none_forgotten(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    world = read_world(words)
    incidents = built_from(shared_connection, world, (FIRST, LAST))["buy_box_incident"]
    for asin in ASINS:
        seen = sorted(
            (row for row in world.facts["offer_snapshot"] if row["asin"] == asin), key=lambda r: r["observed_at"]
        )
        lost = {row["observed_at"] for row in seen if row["owner_code"] not in OURS}
        own = [row["observed_at"] for row in seen if row["owner_code"] in OURS]
        runs = [row for row in incidents if row["asin"] == asin]
        for run, following in zip(runs, [*runs[1:], None], strict=False):
            inside = {at for at in lost if run["opened_at"] <= at <= run["last_lost_at"]}
            assert {run["opened_at"], run["last_lost_at"]} <= inside
            assert len(inside) == run["lost_snapshots"]
            assert not [at for at in own if run["opened_at"] <= at <= run["last_lost_at"]]
            assert run["closed_at"] == min((at for at in own if at > run["last_lost_at"]), default=None)
            assert following is None or run["closed_at"] < following["opened_at"]
            assert run["closed_at"] is None or run["closed_at"] > run["opened_at"]
            assert 0 <= run["hours_open_at_least"] <= run["hours_open"]
            lost -= inside
        assert lost == set()


@FEW
@given(words=worlds)
def test_every_confirmed_undercut_incident_has_its_recovery_with_a_lower_target(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    built = built_from(shared_connection, read_world(words), BUILT)
    expected = {
        (row["asin"], row["opened_at"])
        for row in built["buy_box_incident"]
        if row["cause_code"] == "undercut" and row["confirmed_at"] is not None
    }
    assert {(row["asin"], row["opened_at"]) for row in built["buy_box_recovery"]} == expected
    for row in built["buy_box_recovery"]:
        assert 0 < row["target_price_amount"] < row["our_price_amount"]
        assert row["funding_per_unit_amount"] > 0


@FEW
@given(words=worlds, seed=st.integers(0, 2**32))
def test_the_same_facts_in_any_order_make_the_same_marts(
    shared_connection: psycopg.Connection, words: Row, seed: int
) -> None:
    world, shuffled = read_world(words), read_world(words)
    names = list(shuffled.facts)
    random.Random(seed).shuffle(names)
    for rows in shuffled.facts.values():
        random.Random(seed).shuffle(rows)
    shuffled = World(world.account, world.slices[::-1], {name: shuffled.facts[name] for name in names})
    built = built_from(shared_connection, world, BUILT)
    assert built["buy_box_weekly"]
    assert built == built_from(shared_connection, shuffled, BUILT)


@FEW
@given(words=worlds)
def test_a_range_is_built_as_its_parts_are_built_in_any_order(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    world = read_world(words)
    parts = [
        (date(2026, 6, 14), date(2026, 6, 20)),
        (date(2026, 6, 6), date(2026, 6, 10)),
        (date(2026, 6, 11), date(2026, 6, 13)),
    ]
    assert built_from(shared_connection, world, BUILT) == built_from(shared_connection, world, *parts)


@FEW
@given(words=worlds)
def test_a_rebuild_from_the_same_facts_touches_no_row(shared_connection: psycopg.Connection, words: Row) -> None:
    try:
        insert_world(shared_connection, read_world(words))
        kept: list[dict[str, list[Row]]] = []
        for _ in range(2):
            for mart in MARTS:
                build_and_publish(shared_connection, mart, [("brand", *BUILT)])
            kept.append({mart: read_mart(shared_connection, mart) for mart in MARTS})
    finally:
        shared_connection.rollback()
    assert kept[0]["buy_box_weekly"]
    assert kept[0] == kept[1]
