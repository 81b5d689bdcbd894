"""Publishing hours, forecasts, campaigns and Data Kiosk's days: any order of loads ends in the newest of each slice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daybreak.accounts import Account
from daybreak.landing.csv_text import COPY_OPTIONS, Line, write_lines
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.publish import Published, publish_load
from daybreak.warehouse.staging_tables import (
    QuarantinedRow,
    StagedSlice,
    copy_rows,
    replace_load_slices,
    replace_quarantine,
)

ACCOUNTS = [
    Account(account_id=name, name=name, marketplace_code="IT", vendor_connection_id=name)
    for name in ("brand_it", "other_it")
]
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Key = tuple[int, int, str]
"""A row: its slice, its place within the slice (an hour, a week, a promotion), its ASIN."""


def hour_of(day: date, place: int) -> datetime:
    """The first and the last hour of the UTC day, and one between: those that a wrong bound would lose or take."""
    return datetime(day.year, day.month, day.day, (0, 12, 23)[place], tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """How rows of a dataset stand in the ledger and in its table."""

    dataset_code: str
    columns: tuple[str, ...]
    day: Callable[[int], date]
    line: Callable[[date, int, str, int, str], Line]
    query: str
    variant: str = ""
    other_variant: str | None = None


def days(offset: int) -> date:
    """Across the end of a month."""
    return date(2026, 3, 30) + timedelta(days=offset)


def months(offset: int) -> date:
    return date(2026, 1 + offset, 1)


def hourly(dataset_code: str, figure: str, *, is_money: bool = False) -> Shape:
    more = ("ordered_revenue_amount", "currency_code") if is_money else ()

    def line(day: date, place: int, asin: str, value: int, _: str) -> Line:
        return (hour_of(day, place).isoformat(), asin, value, *((value * 2, "EUR") if is_money else ()))

    query = (
        f"select (hour_start_at at time zone 'UTC')::date, extract(hour from hour_start_at at time zone 'UTC')::int, "
        f"asin, {figure} from core.{dataset_code} where account_id = 'brand_it'"
    )
    return Shape(dataset_code, ("hour_start_at", "asin", figure, *more), days, line, query)


SHAPES = (
    hourly("sales_hourly", "ordered_units", is_money=True),
    hourly("traffic_hourly", "glance_views"),
    hourly("inventory_hourly", "highly_available_units"),
    Shape(
        "forecast_weekly",
        ("generation_date", "week_start_date", "asin", "mean_units"),
        lambda offset: date(2026, 3, 22) + timedelta(days=7 * offset),
        lambda day, place, asin, value, _: (
            day.isoformat(), (date(2026, 5, 3) + timedelta(days=7 * place)).isoformat(), asin, value,
        ),
        "select generation_date, ((week_start_date - '2026-05-03') / 7), asin, mean_units::int "
        "from core.forecast_weekly where account_id = 'brand_it'",
    ),
    Shape(
        "promotion",
        ("promotion_id", "asin", "source_code", "kind_code", "start_at", "end_at", "units"),
        months,
        lambda day, place, asin, value, source: (
            f"{source}-{day}-{place}", asin, source, "x", hour_of(day, place).isoformat(), "2026-12-31", value,
        ),
        "select (start_at at time zone 'UTC')::date, extract(hour from start_at at time zone 'UTC')::int, asin, units "
        "from core.promotion where account_id = 'brand_it' and source_code = 'DEAL'",
        variant="DEAL",
        other_variant="COUPON",
    ),
    Shape(
        "margin_daily",
        ("asin", "net_ppm_ratio"),
        days,
        lambda _, place, asin, value, __: (f"{asin}{place}", value),
        "select business_date, right(asin, 1)::int, left(asin, -1), net_ppm_ratio::int "
        "from core.margin_daily where account_id = 'brand_it'",
    ),
    Shape(
        "featured_offer_loss_daily",
        ("asin", "glance_views", "lost_featured_offer_ratio"),
        days,
        lambda _, place, asin, value, __: (f"{asin}{place}", value, 0.5),
        "select business_date, right(asin, 1)::int, left(asin, -1), glance_views "
        "from core.featured_offer_loss_daily where account_id = 'brand_it'",
    ),
)  # fmt: skip
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.dataset_code)


@dataclass
class Payload:
    """One document: the slices that it delivers, some of them empty, and its rows."""

    delivered: set[int]
    rows: dict[Key, int]
    requested_at: datetime = NOON
    refused: list[tuple[int | None, str | None]] = field(default_factory=list)
    """Slice and ASIN of rows in quarantine, None where the row did not tell."""

    def of_slice(self, offset: int) -> dict[Key, int]:
        return {key: value for key, value in sorted(self.rows.items()) if key[0] == offset}


def stage(
    connection: psycopg.Connection, shape: Shape, payload: Payload, account_id: str = "brand_it", variant: str = ""
) -> loads.Load:
    """Stages every slice of the payload as the staging step does, and gates it."""
    variant = variant or shape.variant
    document = loads.LandedDocument("x", "0" * 64, 1, payload.requested_at, "file")
    load_id = loads.insert_load(
        connection, account_id, shape.dataset_code, variant, document, request_id=None, window=None,
        requested_at=payload.requested_at,
    )  # fmt: skip
    lines: list[Line] = []
    slices = []
    for offset in sorted(payload.delivered):
        rows, day = payload.of_slice(offset), shape.day(offset)
        digest = sha256(json.dumps([[*key, value] for key, value in rows.items()]).encode()).hexdigest()
        slices.append(StagedSlice(day, len(rows), digest, True))
        for (_, place, asin), value in rows.items():
            lines.append((len(lines) + 1, day.isoformat(), *shape.line(day, place, asin, value, variant)))
    columns = ("row_number", "business_date", *(name for name in shape.columns))
    copied = copy_rows(connection, shape.dataset_code, load_id, columns, COPY_OPTIONS, [write_lines(lines)])
    replace_load_slices(connection, account_id, load_id, slices)
    refused = [
        QuarantinedRow(number, None if at is None else shape.day(at), asin, None, "wrong", "{}")
        for number, (at, asin) in enumerate(payload.refused)
    ]
    replace_quarantine(connection, account_id, load_id, refused)
    loads.update_load(
        connection, account_id, load_id, "mark_staged",
        {"window_start_date": shape.day(0), "window_end_date": shape.day(3), "last_updated_date": None,
         "row_count": copied, "staged_row_count": copied, "quarantined_row_count": 0, "unknown_fields": []},
    )  # fmt: skip
    gated = {"status_code": "gated", "verdict_code": "pass", "reason": None}
    loads.update_load(connection, account_id, load_id, "mark_gated", gated)
    load = loads.read_load(connection, load_id)
    assert load is not None
    return load


def publish(connection: psycopg.Connection, load: loads.Load, account_id: str = "brand_it") -> Published:
    with connection.transaction():
        return publish_load(connection, account_id, load, last_mart_date=date(2026, 3, 31))


def facts(connection: psycopg.Connection, shape: Shape) -> dict[Key, int]:
    """What the table holds of the payloads, in their words."""
    offsets = {shape.day(offset): offset for offset in range(5)}
    has_hours = "hour from" in shape.query
    return {
        (offsets[day], (0, 12, 23).index(place) if has_hours else place, asin): value
        for day, place, asin, value in connection.execute(shape.query)  # type: ignore[call-overload]
    }


def whole_table(connection: psycopg.Connection, shape: Shape, where: str = "true") -> list[tuple[Any, ...]]:
    query = f"select *, xmin from core.{shape.dataset_code} where {where} order by 1, 2, 3, 4"
    return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def ledger(connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    sync_accounts(connection, ACCOUNTS)
    return connection  # type: ignore[return-value]


FULL = Payload({0, 1, 2}, {(day, place, asin): 1 for day in range(3) for place in range(3) for asin in "AB"})


@every_shape
def test_what_is_published_stands_in_the_table_and_the_same_again_changes_no_row(
    ledger: psycopg.Connection, shape: Shape
) -> None:
    assert publish(ledger, stage(ledger, shape, FULL)).inserted == len(FULL.rows)
    assert facts(ledger, shape) == FULL.rows
    before = whole_table(ledger, shape)
    later = Payload(FULL.delivered, FULL.rows, NOON + timedelta(hours=1))
    assert publish(ledger, stage(ledger, shape, later)).changed_rows == 0
    assert whole_table(ledger, shape) == before


@every_shape
def test_a_newer_document_changes_removes_and_adds_within_its_slices_and_touches_no_other_row(
    ledger: psycopg.Connection, shape: Shape
) -> None:
    publish(ledger, stage(ledger, shape, FULL))
    publish(ledger, stage(ledger, shape, FULL, "other_it"), "other_it")
    if shape.other_variant:
        publish(ledger, stage(ledger, shape, FULL, variant=shape.other_variant))
    before = set(whole_table(ledger, shape))
    newer = Payload({1}, {(1, 0, "A"): 7, (1, 2, "B"): 1, (1, 1, "C"): 5}, NOON + timedelta(hours=1))
    published = publish(ledger, stage(ledger, shape, newer))
    assert (published.inserted, published.updated, published.removed) == (1, 1, 4)
    elsewhere = {key: value for key, value in FULL.rows.items() if key[0] != 1}
    assert facts(ledger, shape) == elsewhere | newer.rows
    unchanged = before & set(whole_table(ledger, shape))
    assert len(before - unchanged) == 5  # the changed row and the four that are gone


@every_shape
@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        ((1, "A"), [(1, 0, "A"), (1, 1, "A"), (1, 2, "A")]),
        ((None, "B"), [(1, 0, "B"), (1, 1, "B"), (1, 2, "B")]),
        ((1, None), [key for key in FULL.rows if key[0] == 1]),
        ((0, "A"), []),
    ],
    ids=["this row", "of no date", "of no asin", "of another slice"],
)
def test_a_row_in_quarantine_is_not_gone(
    ledger: psycopg.Connection, shape: Shape, refused: tuple[int | None, str | None], kept: list[Key]
) -> None:
    if refused[1] and shape.dataset_code in ("margin_daily", "featured_offer_loss_daily"):
        asin = refused[1]
        marks = [(refused[0], f"{asin}{place}") for place in range(3)]
    else:
        marks = [refused]
    publish(ledger, stage(ledger, shape, FULL))
    publish(ledger, stage(ledger, shape, Payload({1}, {}, NOON + timedelta(hours=1), refused=marks)))
    elsewhere = {key: value for key, value in FULL.rows.items() if key[0] != 1}
    assert facts(ledger, shape) == elsewhere | {key: FULL.rows[key] for key in kept}


keys = st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from("AB"))
PAYLOADS = st.lists(
    st.builds(
        lambda delivered, rows, hours: Payload(
            delivered, {key: value for key, value in rows.items() if key[0] in delivered}, NOON + timedelta(hours=hours)
        ),
        st.sets(st.integers(0, 3), min_size=1),
        st.dictionaries(keys, st.integers(0, 3), max_size=8),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
)


def newest_of_each_slice(payloads: list[Payload]) -> dict[Key, int]:
    """The plain rule, computed without the warehouse; of two requests at one instant the later load is the newer."""
    newest: dict[int, tuple[datetime, int]] = {}
    for number, payload in enumerate(payloads):
        for offset in payload.delivered:
            newest[offset] = max(newest.get(offset, (datetime.min.replace(tzinfo=UTC), -1)),
                                 (payload.requested_at, number))  # fmt: skip
    return {key: value for _, number in newest.values() for key, value in payloads[number].rows.items()
            if newest[key[0]][1] == number}  # fmt: skip


@every_shape
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=PAYLOADS, order=st.randoms(use_true_random=False))
def test_any_order_of_loads_ends_in_the_newest_payload_of_each_slice(
    ledger: psycopg.Connection, shape: Shape, payloads: list[Payload], order: Any
) -> None:
    with ledger.transaction() as everything:
        staged = [stage(ledger, shape, payload) for payload in payloads]
        sequence = list(range(len(staged))) * 2  # every load is tried twice
        order.shuffle(sequence)
        for index in sequence:
            publish(ledger, staged[index])
        assert facts(ledger, shape) == newest_of_each_slice(payloads)
        raise psycopg.Rollback(everything)
