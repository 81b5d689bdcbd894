"""Publishing a load: one transaction, newest payload wins, history kept, and any order ends in the same tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daybreak.accounts import Account
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.publish import NotPublishable, Published, RestageNeeded, publish_load
from daybreak.warehouse.slices import read_slices
from daybreak.warehouse.staging_tables import (
    QuarantinedRow,
    StagedSlice,
    copy_rows,
    replace_load_slices,
    replace_quarantine,
)

ACCOUNT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
MARCH = date(2026, 3, 1)
LAST_MART_DATE = date(2026, 3, 31)
COLUMNS = ("row_number", "business_date", "asin", "glance_views")


@dataclass
class Payload:
    """A traffic document: for each day (offset from 1 March) the views of each ASIN."""

    days: dict[int, dict[str, int]]
    last_updated: date = MARCH
    requested_at: datetime = datetime(2026, 3, 10, tzinfo=UTC)
    doubled: bool = False
    quarantined: list[tuple[int, str]] = field(default_factory=list)

    def digest(self, offset: int) -> str:
        return sha256(repr(sorted(self.days[offset].items())).encode()).hexdigest()

    def lines(self, wanted: set[date]) -> Iterator[bytes]:
        number = 0
        for offset, rows in sorted(self.days.items()):
            for asin, views in sorted(rows.items()):
                number += 1
                if (day := MARCH + timedelta(days=offset)) in wanted:
                    yield f'{number},"{day}","{asin}",{views}\n'.encode() * (2 if self.doubled else 1)


def stage(connection: psycopg.Connection, payload: Payload, *, all_days: bool = False) -> loads.Load:
    """Stages the payload as the staging step does, and gates it."""
    document = loads.LandedDocument("x", "0" * 64, 1, payload.requested_at, "file")
    load_id = loads.insert_load(
        connection, "brand_it", "traffic_daily", "", document, request_id=None, window=None,
        requested_at=payload.requested_at,
    )  # fmt: skip
    published = read_slices(connection, "brand_it", "traffic_daily", "", MARCH, MARCH + timedelta(days=60))
    slices = []
    for offset, rows in payload.days.items():
        day = MARCH + timedelta(days=offset)
        known = published.get(day)
        differs = all_days or known is None or known.content_hash != payload.digest(offset)
        slices.append(StagedSlice(day, len(rows), payload.digest(offset), differs))
    wanted = {each.business_date for each in slices if each.is_changed}
    copied = copy_rows(connection, "traffic_daily", load_id, COLUMNS, "FORMAT csv, NULL 'null'", payload.lines(wanted))
    replace_load_slices(connection, "brand_it", load_id, slices)
    quarantined = [
        QuarantinedRow(i, MARCH + timedelta(days=offset), asin, "glanceViews", "not a number", "{}")
        for i, (offset, asin) in enumerate(payload.quarantined)
    ]
    replace_quarantine(connection, "brand_it", load_id, quarantined)
    loads.update_load(
        connection, "brand_it", load_id, "mark_staged",
        {"window_start_date": MARCH, "window_end_date": MARCH, "last_updated_date": payload.last_updated,
         "row_count": copied, "staged_row_count": copied, "quarantined_row_count": 0, "unknown_fields": []},
    )  # fmt: skip
    gated = {"status_code": "gated", "verdict_code": "pass", "reason": None}
    loads.update_load(connection, "brand_it", load_id, "mark_gated", gated)
    return _read(connection, load_id)


def _read(connection: psycopg.Connection, load_id: int) -> loads.Load:
    load = loads.read_load(connection, load_id)
    assert load is not None
    return load


def publish(connection: psycopg.Connection, load: loads.Load) -> Published:
    with connection.transaction():
        return publish_load(connection, "brand_it", load, last_mart_date=LAST_MART_DATE)


def facts(connection: psycopg.Connection) -> dict[tuple[int, str], int]:
    rows = connection.execute("select business_date, asin, glance_views from core.traffic_daily")
    return {((row[0] - MARCH).days, row[1]): row[2] for row in rows}


@pytest.fixture
def ledger(connection: psycopg.Connection) -> psycopg.Connection:
    sync_accounts(connection, [ACCOUNT])
    return connection


def test_a_published_load_is_in_core_and_its_staging_table_is_gone(ledger: psycopg.Connection) -> None:
    load = stage(ledger, Payload({0: {"A": 1, "B": 2}, 40: {"A": 3}}))
    published = publish(ledger, load)
    assert (published.inserted, published.updated, published.removed) == (3, 0, 0)
    assert facts(ledger) == {(0, "A"): 1, (0, "B"): 2, (40, "A"): 3}
    assert ledger.execute("select count(*) from pg_tables where schemaname = 'staging'").fetchone() == (0,)
    assert _read(ledger, load.load_id).status_code == "published"


def test_publishing_a_load_twice_and_the_same_document_again_changes_no_row(ledger: psycopg.Connection) -> None:
    payload = Payload({0: {"A": 1}, 1: {"A": 2}})
    first = stage(ledger, payload)
    publish(ledger, first)
    before = ledger.execute("select *, xmin from core.traffic_daily order by 2, 3").fetchall()
    assert publish(ledger, first) == Published()
    payload.requested_at += timedelta(hours=1)
    again = publish(ledger, stage(ledger, payload))
    forced = publish(ledger, stage(ledger, payload, all_days=True))
    assert again.changed_rows == forced.changed_rows == 0
    assert again.unchanged_days == (MARCH, MARCH + timedelta(days=1))
    assert ledger.execute("select *, xmin from core.traffic_daily order by 2, 3").fetchall() == before


def test_a_restated_row_and_a_vanished_row_go_to_history_and_as_of_still_answers(ledger: psycopg.Connection) -> None:
    publish(ledger, stage(ledger, Payload({0: {"A": 1, "B": 2, "C": 3}})))
    then = ledger.execute("select clock_timestamp()").fetchone()
    newer = Payload({0: {"A": 1, "B": 5}}, last_updated=MARCH + timedelta(days=1))
    published = publish(ledger, stage(ledger, newer))
    assert (published.inserted, published.updated, published.removed) == (0, 1, 1)
    assert facts(ledger) == {(0, "A"): 1, (0, "B"): 5}
    as_of = ledger.execute("select asin, glance_views from core.traffic_daily_as_of(%s) order by 1", then).fetchall()
    assert as_of == [("A", 1), ("B", 2), ("C", 3)]
    history = ledger.execute("select asin, known_to > known_from from core.traffic_daily_history order by 1").fetchall()
    assert history == [("B", True), ("C", True)]


def test_an_older_payload_never_overwrites_a_newer_one(ledger: psycopg.Connection) -> None:
    newer = Payload({0: {"A": 9}}, last_updated=MARCH + timedelta(days=3))
    older = Payload({0: {"A": 1}, 1: {"A": 1}}, requested_at=newer.requested_at + timedelta(days=5))
    publish(ledger, stage(ledger, newer))
    published = publish(ledger, stage(ledger, older))
    assert published.older_days == (MARCH,)
    assert facts(ledger) == {(0, "A"): 9, (1, "A"): 1}
    late = Payload({0: {"A": 2}}, requested_at=older.requested_at - timedelta(days=9))
    load = stage(ledger, late)
    publish(ledger, load)
    assert _read(ledger, load.load_id).status_code == "superseded"


def test_a_row_in_quarantine_keeps_the_version_that_is_published(ledger: psycopg.Connection) -> None:
    publish(ledger, stage(ledger, Payload({0: {"A": 1, "B": 2, "C": 3}})))
    newer = Payload({0: {"A": 4}}, last_updated=MARCH + timedelta(days=1), quarantined=[(0, "B")])
    publish(ledger, stage(ledger, newer))
    assert facts(ledger) == {(0, "A"): 4, (0, "B"): 2}


def test_a_blocked_load_cannot_be_published_and_says_how_it_could(ledger: psycopg.Connection) -> None:
    load = stage(ledger, Payload({0: {"A": 1}}))
    ledger.execute("update ops.load set status_code = 'blocked'")
    with pytest.raises(NotPublishable, match=rf"daybreak gate release {load.load_id} --reason"):
        publish(ledger, load)
    assert facts(ledger) == {}


def test_a_released_load_with_a_doubled_key_publishes_the_rest_and_quarantines_the_key(
    ledger: psycopg.Connection,
) -> None:
    load = stage(ledger, Payload({0: {"A": 1}}, doubled=True))
    ledger.execute("update ops.load set status_code = 'blocked'")
    loads.update_load(
        ledger, "brand_it", load.load_id, "release_load", {"released_by": "on call", "release_reason": "known"}
    )
    publish(ledger, load)
    assert facts(ledger) == {}
    kept = ledger.execute("select asin, reason from ops.quarantine").fetchall()
    assert kept == [("A", "the document holds more than one row for this key")]


@pytest.mark.parametrize("damage", ["truncate staging.{}", "drop table staging.{}"])
def test_a_lost_staging_table_asks_for_restaging_and_publishes_nothing(ledger: psycopg.Connection, damage: str) -> None:
    load = stage(ledger, Payload({0: {"A": 1}}))
    ledger.execute(damage.format(f"traffic_daily_{load.load_id}"))
    with pytest.raises(RestageNeeded):
        publish(ledger, load)
    assert facts(ledger) == {}


def test_a_day_that_was_unchanged_when_staged_and_has_changed_since_asks_for_restaging(
    ledger: psycopg.Connection,
) -> None:
    payload = Payload({0: {"A": 1}})
    publish(ledger, stage(ledger, payload))
    payload.requested_at += timedelta(days=2)
    waiting = stage(ledger, payload)
    publish(ledger, stage(ledger, Payload({0: {"A": 7}}, requested_at=payload.requested_at - timedelta(days=1))))
    with pytest.raises(RestageNeeded):
        publish(ledger, waiting)


def test_first_appearance_is_the_earliest_row_and_moves_when_that_row_is_restated_away(
    ledger: psycopg.Connection,
) -> None:
    publish(ledger, stage(ledger, Payload({3: {"A": 1}})))
    publish(ledger, stage(ledger, Payload({1: {"A": 1, "B": 1}})))
    query = "select asin, first_seen_date from core.product order by 1"
    assert ledger.execute(query).fetchall() == [
        ("A", MARCH + timedelta(days=1)),
        ("B", MARCH + timedelta(days=1)),
    ]
    publish(ledger, stage(ledger, Payload({1: {"B": 1}}, last_updated=MARCH + timedelta(days=9))))
    assert ledger.execute(query).fetchall() == [
        ("A", MARCH + timedelta(days=3)),
        ("B", MARCH + timedelta(days=1)),
    ]


def test_a_changed_day_marks_the_marts_that_it_reaches_and_not_beyond_the_last_day(
    ledger: psycopg.Connection,
) -> None:
    publish(ledger, stage(ledger, Payload({25: {"A": 1}})))
    marks = "select business_date from ops.dirty_mart where mart_code = 'stock_coverage_daily' order by 1"
    marked = [row[0] for row in ledger.execute(marks)]
    changed, settled = MARCH + timedelta(days=25), MARCH + timedelta(days=10)
    assert marked == [settled, *(changed + timedelta(days=n) for n in range((LAST_MART_DATE - changed).days + 1))]


def test_a_day_that_is_published_empty_marks_the_marts_too(ledger: psycopg.Connection) -> None:
    published = publish(ledger, stage(ledger, Payload({25: {}})))
    assert published.changed_rows == 0
    marked = {row[0] for row in ledger.execute("select business_date from ops.dirty_mart")}
    assert MARCH + timedelta(days=25) in marked


PAYLOADS = st.lists(
    st.builds(
        Payload,
        days=st.dictionaries(
            st.integers(0, 3), st.dictionaries(st.sampled_from("ABC"), st.integers(0, 3), max_size=3), min_size=1
        ),
        last_updated=st.integers(0, 2).map(lambda n: MARCH + timedelta(days=n)),
        requested_at=st.integers(0, 3).map(lambda n: datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=n)),
    ),
    min_size=1,
    max_size=5,
)


@contextmanager
def rolled_back(connection: psycopg.Connection) -> Iterator[None]:
    with connection.transaction() as everything:
        yield
        raise psycopg.Rollback(everything)


def newest_of_each_day(payloads: list[Payload], ids: list[int]) -> dict[tuple[int, str], int]:
    """The plain rule, computed without the warehouse: of each day the newest payload's rows, and nothing else."""
    best: dict[int, tuple[Any, Payload]] = {}
    for payload, load_id in zip(payloads, ids, strict=True):
        rank = (payload.last_updated, payload.requested_at, load_id)
        for day in payload.days:
            if day not in best or rank > best[day][0]:
                best[day] = (rank, payload)
    return {(day, asin): views for day, (_, payload) in best.items() for asin, views in payload.days[day].items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=PAYLOADS, order=st.randoms(use_true_random=False))
def test_any_order_of_loads_ends_in_the_newest_payload_of_each_day(
    ledger: psycopg.Connection, payloads: list[Payload], order: Any
) -> None:
    with rolled_back(ledger):
        staged = [stage(ledger, payload, all_days=True) for payload in payloads]
        sequence = list(range(len(staged))) * 2  # every load is tried twice
        order.shuffle(sequence)
        for index in sequence:
            publish(ledger, staged[index])
        assert facts(ledger) == newest_of_each_day(payloads, [load.load_id for load in staged])
