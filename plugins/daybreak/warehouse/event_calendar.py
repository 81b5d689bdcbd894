"""Copies the events of the files into ``ops.event_calendar``, where the marts read them."""

from collections.abc import Sequence

import psycopg

from daybreak.events import Event
from daybreak.warehouse.statements import statement


def sync_events(connection: psycopg.Connection, events: Sequence[Event]) -> int:
    """Afterwards ``ops.event_calendar`` holds exactly ``events``; returns how many rows changed or went."""
    columns = {
        "marketplace_codes": [event.marketplace_code for event in events],
        "first_dates": [event.first_date for event in events],
        "last_dates": [event.last_date for event in events],
        "names": [event.name for event in events],
    }
    gone = connection.execute(statement("ops/event_calendar/delete_others"), columns).rowcount
    return gone + connection.execute(statement("ops/event_calendar/upsert_events"), columns).rowcount
