"""mart.data_status: one row per account, dataset, view and day, each status with its reason, load and document."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from daybreak.contracts import read_contracts
from daybreak.datasets import DATASETS
from tests.sql.worlds import Row, insert_world, read_world

MORNING = datetime(2026, 7, 2, 6, tzinfo=UTC)
"""Thursday, 8 o'clock in Rome: the newest due day is Sunday, 28 June."""
Ledger = Callable[..., list[Row]]


def june(number: int) -> date:
    return date(2026, 6, number)


def spans(*numbers: tuple[int, int]) -> list[list[date]]:
    return [[june(first), june(last)] for first, last in numbers]


def insert(connection: psycopg.Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    identity = "overriding system value" if table.startswith("ops.") else ""
    connection.execute(f"insert into {table} ({names}) {identity} values ({places})".encode(), values)


def insert_request(connection: psycopg.Connection, request_id: int, first: date, last: date, **values: Any) -> None:
    usual = {"dataset_code": "sales_daily", "variant_code": "MANUFACTURING", "generation": request_id, "run_id": "run"}
    window = {"window_start_date": first, "window_end_date": last, "request_id": request_id}
    insert(connection, "ops.report_request", account_id="brand", **{**usual, **window, **values})


def insert_load(connection: psycopg.Connection, load_id: int, first: date, last: date, **values: Any) -> None:
    """A load with its document, whose hash repeats the load's number."""
    document = {"document_id": load_id + 100, "path": f"brand/{load_id}.bin", "sha256": str(load_id) * 64}
    insert(
        connection, "ops.document", account_id="brand", dataset_code="sales_daily", source_code="spapi",
        size_bytes=1, received_at=MORNING, **document,
    )  # fmt: skip
    usual = {"dataset_code": "sales_daily", "variant_code": "MANUFACTURING", "requested_at": MORNING}
    window = {"window_start_date": first, "window_end_date": last, "document_id": load_id + 100}
    insert(connection, "ops.load", account_id="brand", load_id=load_id, **{**usual, **window, **values})


def read_status(
    connection: psycopg.Connection, dataset: str = "sales_daily", variant: str | None = None, at: datetime = MORNING
) -> dict[date, Row]:
    """The series of account ``brand`` at an instant, by day; its primary view unless another is named."""
    view = variant if variant is not None else "" if dataset == "traffic_daily" else "MANUFACTURING"
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select * from mart.data_status_at(%(at)s) where account_id = 'brand' and dataset_code = %(dataset)s"
            " and variant_code = %(view)s order by business_date",
            {"at": at, "dataset": dataset, "view": view},
        ).fetchall()
    assert len({row["business_date"] for row in rows}) == len(rows)
    return {row["business_date"]: row for row in rows}


def codes(rows: dict[date, Row]) -> list[tuple[str, date, date]]:
    """The statuses in their order, days in a row with one status told once: (status, first day, last day)."""
    told: list[tuple[str, date, date]] = []
    for day, row in rows.items():
        if told and told[-1][0] == row["data_status_code"]:
            told[-1] = (told[-1][0], told[-1][1], day)
        else:
            told.append((row["data_status_code"], day, day))
    return told


@pytest.fixture
def month(empty_warehouse: psycopg.Connection) -> psycopg.Connection:
    """June published up to the 27th, but for the 26th, of which Amazon has nothing; of stock only two days."""
    world = read_world(
        {
            "published": {"sales_daily": spans((1, 25), (27, 27)), "inventory_daily": spans((1, 2))},
            "no_data": {"sales_daily": spans((26, 26))},
        }
    )
    insert_world(empty_warehouse, world)
    return empty_warehouse


def test_every_day_from_the_first_known_one_to_today_has_one_status(month: psycopg.Connection) -> None:
    assert codes(read_status(month)) == [
        ("settled", june(1), june(12)),  # 13 … 27 June are the 15 days that Amazon may still restate
        ("published", june(13), june(25)),
        ("not_observable", june(26), june(26)),
        ("published", june(27), june(27)),
        ("missing", june(28), june(28)),  # ended on 28 June 22:00 UTC, due on 1 July 22:00 UTC
        ("not_due", june(29), date(2026, 7, 2)),
    ]


def test_each_status_says_why(month: psycopg.Connection) -> None:
    rows = read_status(month)
    assert rows[june(12)]["reason"] is None
    assert rows[june(27)]["reason"] is None
    assert rows[june(26)]["reason"] == "Amazon has no data for the day"
    assert rows[june(28)]["reason"] == "never asked for"
    assert rows[june(29)]["reason"] == "due at 2026-07-02 22:00 UTC"
    assert rows[june(29)]["due_at"] == datetime(2026, 7, 2, 22, tzinfo=UTC)


def test_the_same_ledger_is_judged_anew_at_another_instant(month: psycopg.Connection) -> None:
    evening = datetime(2026, 7, 2, 22, tzinfo=UTC)  # midnight in Rome
    before = read_status(month, at=evening - timedelta(microseconds=1))
    after = read_status(month, at=evening)
    assert (before[june(29)]["data_status_code"], after[june(29)]["data_status_code"]) == ("not_due", "missing")
    assert (max(before), max(after)) == (date(2026, 7, 2), date(2026, 7, 3))


def test_a_published_day_leads_to_its_load_and_document(month: psycopg.Connection) -> None:
    insert_load(month, 5, june(13), june(27), status_code="published")
    month.execute("update ops.slice set load_id = 5 where business_date = '2026-06-20'")
    row = read_status(month)[june(20)]
    assert (row["load_id"], row["document_id"]) == (5, 105)
    assert (row["document_path"], row["document_sha256"]) == ("brand/5.bin", "5" * 64)
    assert read_status(month)[june(21)]["load_id"] == 1
    assert read_status(month)[june(21)]["document_id"] is None  # the usual load of these worlds has none


def test_a_day_with_readings_is_provisional_until_its_report_is_due(month: psycopg.Connection) -> None:
    # The local 29 June begins at 22:00 UTC of the 28th. The 28th is due, and its readings make nothing of it.
    for load_id, hour in ((7, "06-28T20:00"), (8, "06-28T22:00"), (9, "06-29T21:00"), (6, "06-29T22:00")):
        insert_load(month, load_id, june(28), june(30), dataset_code="inventory_hourly", status_code="published")
        insert(
            month, "core.inventory_hourly", account_id="brand", hour_start_at=f"2026-{hour}:00Z", asin="A",
            load_id=load_id, known_from=MORNING,
        )  # fmt: skip
    rows = read_status(month, "inventory_daily")
    assert [(d.day, rows[d]["data_status_code"], rows[d]["load_id"]) for d in sorted(rows)[-5:]] == [
        (28, "missing", None),
        (29, "provisional", 9),
        (30, "provisional", 6),
        (1, "not_due", None),
        (2, "not_due", None),
    ]
    assert rows[june(29)]["reason"] == "real-time readings only; the report is due at 2026-07-02 22:00 UTC"
    assert rows[june(29)]["document_path"] == "brand/9.bin"
    insert_request(month, 2, june(28), june(28), dataset_code="inventory_daily", variant_code="SOURCING")
    for dataset, view in (("sales_daily", "MANUFACTURING"), ("traffic_daily", ""), ("inventory_daily", "SOURCING")):
        others = read_status(month, dataset, view)
        assert others[june(29)]["data_status_code"] == "not_due", dataset


def insert_blocked(connection: psycopg.Connection, load_id: int, **values: Any) -> None:
    """A blocked load of 20 and 21 June, of which it would change the 20th only."""
    insert_load(connection, load_id, june(20), june(21), status_code="blocked", reason="a day lost half", **values)
    for day, is_changed in ((20, True), (21, False)):
        insert(
            connection, "ops.load_slice", account_id="brand", load_id=load_id, business_date=june(day), row_count=1,
            content_hash="", is_changed=is_changed,
        )  # fmt: skip


def test_a_published_day_says_which_newer_load_of_it_is_blocked_and_stays_published(month: psycopg.Connection) -> None:
    insert_blocked(month, 5)
    rows = read_status(month)
    assert rows[june(20)]["data_status_code"] == "published"
    assert rows[june(20)]["reason"] == "a newer load 5 is blocked and these figures stand: a day lost half"
    assert rows[june(20)]["load_id"] == 1
    assert rows[june(21)]["reason"] is None  # the blocked load says the same of it
    assert rows[june(19)]["reason"] is None
    insert_blocked(month, 6, last_updated_date=june(30))
    insert_blocked(month, 7)
    assert "a newer load 6 is blocked" in read_status(month)[june(20)]["reason"]
    month.execute("update ops.load set status_code = 'released' where status_code = 'blocked'")
    assert read_status(month)[june(20)]["reason"] is None


def test_a_blocked_load_that_is_older_than_what_is_published_says_nothing(month: psycopg.Connection) -> None:
    insert_blocked(month, 5, requested_at="2019-12-31T00:00Z")
    assert read_status(month)[june(20)]["reason"] is None


def test_a_day_whose_figures_were_removed_is_not_missing(month: psycopg.Connection) -> None:
    month.execute("update ops.slice set status_code = 'expired' where business_date = '2026-06-03'")
    row = read_status(month)[june(3)]
    assert row["data_status_code"] == "not_observable"
    assert row["reason"] == "older than the figures that are kept; they were removed"


def test_a_figure_that_came_before_it_was_due_stands(month: psycopg.Connection) -> None:
    month.execute("update ops.slice set business_date = '2026-06-30' where business_date = '2026-06-27'")
    rows = read_status(month)
    assert rows[june(30)]["data_status_code"] == "published"
    assert rows[june(15)]["data_status_code"] == "settled"
    assert rows[june(16)]["data_status_code"] == "published"


def test_a_day_that_amazon_no_longer_gives_is_not_missing(empty_warehouse: psycopg.Connection) -> None:
    first = date(2022, 6, 28)
    insert_world(empty_warehouse, read_world({"published": {"traffic_daily": [[first, first]]}}))
    rows = read_status(empty_warehouse, "traffic_daily")
    assert [rows[first + timedelta(days=n)]["data_status_code"] for n in range(3)] == [
        "published",
        "not_observable",  # 29 June 2022 is 1,460 days before 28 June 2026
        "missing",
    ]
    assert rows[date(2022, 6, 29)]["reason"] == "older than the 1460 days that Amazon gives"


def test_a_missing_day_says_what_became_of_the_newest_attempt(month: psycopg.Connection) -> None:
    def reason() -> tuple[str, int | None]:
        row = read_status(month)[june(28)]
        assert row["data_status_code"] == "missing"
        return row["reason"], row["load_id"]

    insert_request(month, 2, june(14), june(27), status_code="failed", reason="of other days")
    assert reason() == ("never asked for", None)
    insert_request(month, 3, june(14), june(28), status_code="asked", planned_at="2026-07-01T01:00Z")
    assert reason() == ("not asked at Amazon yet", None)
    month.execute("update ops.report_request set status_code = 'waiting' where request_id = 3")
    assert reason() == ("Amazon is still working on the report", None)
    month.execute(
        "update ops.report_request set status_code = 'failed', reason = 'FATAL: too early' where request_id = 3"
    )
    assert reason() == ("FATAL: too early", None)
    insert_request(month, 4, june(28), june(28), status_code="done", planned_at="2026-07-01T02:00Z")
    assert reason() == ("the report is done", None)
    insert_load(month, 5, june(28), june(28), request_id=4, status_code="staged")
    assert reason() == ("load 5 is staged", 5)
    month.execute("update ops.load set status_code = 'blocked', reason = 'a key stands twice' where load_id = 5")
    assert reason() == ("a key stands twice", 5)
    insert_load(month, 6, june(28), june(28), status_code="rejected", reason="no report", landed_at="2026-07-01T03:00Z")
    assert reason() == ("no report", 6)
    assert read_status(month)[june(28)]["document_path"] == "brand/6.bin"
    insert_request(month, 7, june(14), june(28), status_code="done", planned_at="2026-07-01T04:00Z")
    insert_load(month, 8, june(14), june(28), request_id=7, status_code="published")
    assert reason() == ("the document of load 8 does not speak of the day", 8)


def test_a_request_alone_opens_the_account_and_every_daily_dataset_of_it(empty_warehouse: psycopg.Connection) -> None:
    insert_world(empty_warehouse, read_world({}))
    assert read_status(empty_warehouse) == {}
    insert_request(empty_warehouse, 1, june(20), june(28), status_code="asked", variant_code="SOURCING")
    for dataset, view in (("sales_daily", "SOURCING"), ("sales_daily", None), ("inventory_daily", None)):
        rows = read_status(empty_warehouse, dataset, view)
        assert codes(rows) == [("missing", june(20), june(28)), ("not_due", june(29), date(2026, 7, 2))]
    assert read_status(empty_warehouse, "inventory_daily", "SOURCING") == {}
    assert {row["reason"] for row in read_status(empty_warehouse, "traffic_daily").values()} >= {"never asked for"}


def test_an_account_that_is_no_longer_active_owes_nothing_after_its_last_known_day(month: psycopg.Connection) -> None:
    month.execute("update ops.account set is_active = false")
    assert max(read_status(month)) == max(read_status(month, "inventory_daily")) == june(27)


def test_accounts_do_not_mix(month: psycopg.Connection) -> None:
    before = read_status(month)
    other = read_world({"account": {"time_zone": "Asia/Tokyo"}, "no_data": {"sales_daily": spans((5, 28))}}, "other")
    insert_world(month, other)
    assert read_status(month) == before
    days = "select min(business_date), max(business_date) from mart.data_status_at(%(at)s) where account_id = 'other'"
    assert month.execute(days, {"at": MORNING}).fetchone() == (june(5), date(2026, 7, 2))


def test_a_settled_day_is_one_that_the_stock_mart_calls_settled(month: psycopg.Connection) -> None:
    month.execute("delete from ops.slice where status_code = 'no_data' or business_date > '2026-06-25'")
    for day, row in read_status(month).items():
        told = month.execute(
            "select mart.sales_status_code(%(day)s, mart.published_sales_days('brand'))", {"day": day}
        ).fetchone()
        if row["data_status_code"] in ("settled", "published"):
            assert told == (row["data_status_code"],), day


def test_the_view_says_what_the_function_says_now(month: psycopg.Connection) -> None:
    in_view = month.execute("select * from mart.data_status order by 1, 2, 3, 4").fetchall()
    at_now = month.execute("select * from mart.data_status_at(now()) order by 1, 2, 3, 4").fetchall()
    assert in_view
    assert in_view == at_now


def test_the_key_and_the_filled_columns_of_the_contract_hold(month: psycopg.Connection) -> None:
    (contract,) = (each for each in read_contracts() if each.table == "mart.data_status")
    with month.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from mart.data_status_at(%(at)s)", {"at": MORNING}).fetchall()
    daily = [each for each in DATASETS.values() if each.calendar.code == "day"]
    assert len(rows) == len(daily) * 32
    assert len({tuple(row[name] for name in contract.key) for row in rows}) == len(rows)
    filled = [name for name, column in contract.columns.items() if not column.nullable]
    assert [name for name in filled if any(row[name] is None for row in rows)] == []
