"""The warehouse's calendar is that of the files: no more, no less, and untouched where nothing changed."""

from datetime import date

import psycopg

from daybreak.events import Event, read_events
from daybreak.settings import get_settings
from daybreak.warehouse.event_calendar import sync_events
from daybreak.warehouse.preparation import prepare_warehouse

EASTER = Event("IT", date(2026, 4, 3), date(2026, 4, 6), "Easter")
PRIME_DAY = Event("IT", date(2026, 6, 23), date(2026, 6, 26), "Prime Day")


def held(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    query = "select marketplace_code, start_date, end_date, name, xmin from ops.event_calendar order by 1, 2, 4"
    return connection.execute(query).fetchall()


def test_events_come_change_and_go_and_those_that_stay_are_not_touched(connection: psycopg.Connection) -> None:
    assert sync_events(connection, [EASTER, PRIME_DAY]) == 2
    before = held(connection)
    assert sync_events(connection, [EASTER, PRIME_DAY]) == 0
    assert held(connection) == before
    longer = Event("IT", EASTER.first_date, date(2026, 4, 7), "Easter")
    assert sync_events(connection, [longer]) == 2
    assert [row[:4] for row in held(connection)] == [("IT", date(2026, 4, 3), date(2026, 4, 7), "Easter")]
    assert sync_events(connection, []) == 1
    assert held(connection) == []


def test_a_prepared_warehouse_holds_the_events_of_the_files(warehouse: str, connection: psycopg.Connection) -> None:
    assert held(connection) == []
    prepare_warehouse(warehouse)
    expected = [(e.marketplace_code, e.first_date, e.last_date, e.name) for e in read_events(get_settings())]
    assert [row[:4] for row in held(connection)] == sorted(expected, key=lambda row: (row[0], row[1], row[3]))
