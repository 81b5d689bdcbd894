"""mart.restatement_curve: totals that moved after their first publish, worked out by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from daybreak.contracts import read_contracts
from tests.sql.worlds import insert_world, read_world

VIEW = "MANUFACTURING"
FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)
Curve = dict[int, tuple[int, Decimal, Decimal]]


class Facts:
    """A warehouse in which versions of rows are written with the ages, in days, at which they came and went."""

    def __init__(
        self, connection: psycopg.Connection, account_id: str = "brand", time_zone: str = "Europe/Rome"
    ) -> None:
        self.connection, self.account_id, self.zone = connection, account_id, ZoneInfo(time_zone)
        insert_world(connection, read_world({"account": {"time_zone": time_zone}}, account_id))

    def at(self, day: date, age: float) -> datetime:
        """Noon of the local day that is ``age`` days after ``day``; 0.1 is some two hours and a half."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=self.zone) + timedelta(days=int(age))
        return noon + timedelta(days=age - int(age))

    def version(
        self, day: date, asin: str, since: float, until: float | None = None, view: str | None = None, **figures: Any
    ) -> None:
        """One version of a row, current unless it says until when: of traffic, or of sales or stock with ``view``."""
        fact = "traffic_daily"
        if view is not None:
            fact = "inventory_daily" if "sellable_on_hand_units" in figures else "sales_daily"
        row = {"account_id": self.account_id, "business_date": day, "asin": asin, "load_id": 1, **figures}
        row |= {"distributor_view_code": view, "currency_code": "EUR"} if view else {}
        row["known_from"] = self.at(day, since)
        if until is not None:
            row["known_to"] = self.at(day, until)
        table = f"core.{fact}" + ("_history" if until is not None else "")
        self.connection.execute("select ops.make_partitions(%(t)s::regclass, %(d)s, %(d)s)", {"t": table, "d": day})
        values = ", ".join(f"%({name})s" for name in row)
        self.connection.execute(f"insert into {table} ({', '.join(row)}) values ({values})".encode(), row)

    def confirmed(self, day: date, age: float, fact: str = "traffic_daily", view: str = "") -> None:
        """The day was published, and looked at for the last time at this age."""
        self.connection.execute(
            "insert into ops.slice values"
            " (%(a)s, %(f)s, %(v)s, %(d)s, 'published', 1, null, now(), '', 0, 1, now(), now(), %(c)s)",
            {"a": self.account_id, "f": fact, "v": view, "d": day, "c": self.at(day, age)},
        )

    def curve(self, measure: str = "glance_views", view: str = "") -> Curve:
        """By age: number of days, mean and largest movement."""
        rows = self.connection.execute(
            "select age_days, day_count, mean_movement_ratio, max_movement_ratio from mart.restatement_curve "
            "where account_id = %(a)s and measure_code = %(m)s and variant_code = %(v)s order by age_days",
            {"a": self.account_id, "m": measure, "v": view},
        )
        return {age: (count, mean, largest) for age, count, mean, largest in rows}


@pytest.fixture
def facts(empty_warehouse: psycopg.Connection) -> Facts:
    return Facts(empty_warehouse)


def restate(facts: Facts) -> None:
    """200 views on the evenings of ages 4 and 5, 190 from age 6 on; looked at until age 8."""
    facts.version(FIRST, "A", 4, 6, glance_views=100)
    facts.version(FIRST, "A", 6, glance_views=90)
    facts.version(FIRST, "B", 4, glance_views=100)
    facts.confirmed(FIRST, 8)


def grow(facts: Facts) -> None:
    """50 views at age 4; a second product doubles them at age 5; looked at until age 6."""
    facts.version(SECOND, "A", 4, glance_views=50)
    facts.version(SECOND, "C", 5, glance_views=50)
    facts.confirmed(SECOND, 6)


def remove(facts: Facts) -> None:
    """100 views until, at age 7, the newer report no longer has a product: 80 are left."""
    facts.version(THIRD, "A", 4, glance_views=80)
    facts.version(THIRD, "B", 4, 7, glance_views=20)
    facts.confirmed(THIRD, 7)


def same(ratio: str, count: int = 1) -> tuple[int, Decimal, Decimal]:
    return (count, Decimal(ratio), Decimal(ratio))


def test_a_restated_row_moves_the_total_until_the_age_at_which_it_was_restated(facts: Facts) -> None:
    restate(facts)
    assert facts.curve() == {4: same("0.05"), 5: same("0.05"), 6: same("0"), 7: same("0")}


def test_a_row_that_was_added_later_moves_the_total(facts: Facts) -> None:
    grow(facts)
    assert facts.curve() == {4: same("1"), 5: same("0")}


def test_a_row_that_is_in_history_only_counts_until_it_was_removed(facts: Facts) -> None:
    remove(facts)
    assert facts.curve() == {4: same("0.2"), 5: same("0.2"), 6: same("0.2")}


def test_the_days_of_an_age_make_its_mean_and_its_largest(facts: Facts) -> None:
    restate(facts)
    grow(facts)
    remove(facts)
    assert facts.curve() == {
        4: (3, Decimal("0.416667"), Decimal(1)),  # 0.05, 1 and 0.2
        5: (3, Decimal("0.083333"), Decimal("0.2")),  # 0.05, 0 and 0.2
        6: (2, Decimal("0.1"), Decimal("0.2")),  # 0 and 0.2
        7: same("0"),
    }


def test_a_report_that_lost_all_its_rows_adds_up_to_nothing(facts: Facts) -> None:
    facts.version(FIRST, "A", 4, 6, glance_views=7)
    facts.confirmed(FIRST, 6)
    assert facts.curve() == {4: same("1"), 5: same("1")}


def test_a_row_that_came_back_counts_when_it_is_there(facts: Facts) -> None:
    facts.version(FIRST, "A", 4, glance_views=10)
    facts.version(FIRST, "B", 4, 5, glance_views=10)
    facts.version(FIRST, "B", 6, glance_views=30)
    facts.confirmed(FIRST, 7)
    assert facts.curve() == {4: same("1"), 5: same("3"), 6: same("0")}


def test_a_version_that_was_replaced_on_its_own_day_was_seen_on_no_evening(facts: Facts) -> None:
    facts.version(FIRST, "A", 4, 4.1, glance_views=1)
    facts.version(FIRST, "A", 4.1, 5, glance_views=10)
    facts.version(FIRST, "A", 5, glance_views=12)
    facts.confirmed(FIRST, 6)
    assert facts.curve() == {4: same("0.2"), 5: same("0")}


def test_an_age_is_counted_in_the_accounts_calendar(empty_warehouse: psycopg.Connection) -> None:
    # 10 hours after noon it is 22:00 in Rome and in Los Angeles, and the next day in UTC only there.
    for account_id, zone in (("rome", "Europe/Rome"), ("angeles", "America/Los_Angeles")):
        facts = Facts(empty_warehouse, account_id, zone)
        facts.version(FIRST, "A", 4 + 10 / 24, 5 + 10 / 24, glance_views=10)
        facts.version(FIRST, "A", 5 + 10 / 24, glance_views=15)
        facts.confirmed(FIRST, 6 + 10 / 24)
        assert facts.curve() == {4: same("0.5"), 5: same("0")}, account_id


def test_a_day_that_was_never_asked_for_again_tells_nothing(facts: Facts) -> None:
    facts.version(FIRST, "A", 4, glance_views=10)
    facts.confirmed(FIRST, 4)
    assert facts.curve() == {}


def test_what_was_nothing_or_unknown_moves_by_no_ratio(facts: Facts) -> None:
    for day, before, after in ((FIRST, 0, 5), (SECOND, None, 5), (THIRD, 5, None)):
        facts.version(day, "A", 4, 5, glance_views=before)
        facts.version(day, "A", 5, glance_views=after)
        facts.confirmed(day, 6)
    # At age 5 only the first two are known, and stand as they are.
    assert facts.curve() == {5: same("0", count=2)}


def test_unknown_rows_add_nothing_and_negative_totals_move_too(facts: Facts) -> None:
    facts.version(FIRST, "A", 4, 5, VIEW, ordered_units=-10, shipped_units=None)
    facts.version(FIRST, "A", 5, None, VIEW, ordered_units=-5, shipped_units=4)
    facts.version(FIRST, "B", 4, None, VIEW, ordered_units=None, shipped_units=4)
    facts.confirmed(FIRST, 5, "sales_daily", VIEW)
    assert facts.curve("ordered_units", VIEW) == {4: same("0.5")}
    assert facts.curve("shipped_units", VIEW) == {4: same("1")}
    assert facts.curve("ordered_revenue_amount", VIEW) == {}


def test_views_and_accounts_stay_apart(facts: Facts) -> None:
    other = Facts(facts.connection, "other")
    for world, view, after in ((facts, VIEW, 20), (facts, "SOURCING", 30), (other, VIEW, 40)):
        world.version(FIRST, "A", 4, 5, view, sellable_on_hand_units=10)
        world.version(FIRST, "A", 5, None, view, sellable_on_hand_units=after)
        world.confirmed(FIRST, 5, "inventory_daily", view)
    assert facts.curve("sellable_on_hand_units", VIEW) == {4: same("1")}
    assert facts.curve("sellable_on_hand_units", "SOURCING") == {4: same("2")}
    assert other.curve("sellable_on_hand_units", VIEW) == {4: same("3")}


SALES = (
    *("ordered_units", "ordered_revenue_amount", "shipped_units", "shipped_revenue_amount", "shipped_cogs_amount"),
    "customer_return_units",
)
STOCK = (
    *("sellable_on_hand_units", "sellable_on_hand_cost_amount", "unsellable_on_hand_units"),
    *("open_purchase_order_units", "net_received_units", "unfilled_customer_ordered_units"),
)


def test_every_figure_is_the_column_of_its_name_and_the_contracts_key_holds(facts: Facts) -> None:
    for fact, names in (("sales_daily", SALES), ("inventory_daily", STOCK)):
        # Figure number n moves by n hundredths, so that no two can be taken for each other.
        facts.version(FIRST, "A", 4, 5, VIEW, **dict.fromkeys(names, 100))
        facts.version(FIRST, "A", 5, None, VIEW, **{name: 100 + n for n, name in enumerate(names, start=1)})
        facts.confirmed(FIRST, 5, fact, VIEW)
    restate(facts)
    with facts.connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from mart.restatement_curve").fetchall()
    got = {(row["dataset_code"], row["measure_code"]): row["max_movement_ratio"] for row in rows if row["variant_code"]}
    assert got == {
        (fact, name): Decimal(n) / 100
        for fact, names in (("sales_daily", SALES), ("inventory_daily", STOCK))
        for n, name in enumerate(names, start=1)
    }
    contracts = {contract.table: contract for contract in read_contracts()}
    assert [row for row in rows if row["measure_code"] not in contracts[f"core.{row['dataset_code']}"].columns] == []
    curve = contracts["mart.restatement_curve"]
    assert len({tuple(row[name] for name in curve.key) for row in rows}) == len(rows) == 6 + 6 + 4
    assert [row for row in rows if None in row.values()] == []
