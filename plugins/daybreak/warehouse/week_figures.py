"""What the warehouse knows of a finished week: its products, losses, controls, what was done and what that brought."""

from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from daybreak.warehouse.statements import statement

Row = dict[str, Any]


def read_products(connection: psycopg.Connection, account_id: str, week_end_date: date) -> list[Row]:
    """The rows of ``mart.buy_box_weekly`` with names and the week before, what was lost most first."""
    return _read(connection, "mart/buy_box_weekly/read_week", account_id, week_end_date)


def read_totals(connection: psycopg.Connection, account_id: str, week_end_date: date) -> dict[date, Row]:
    """The whole account in the week and in the one before, by the week's Saturday; a week without rows is absent."""
    rows = _read(connection, "mart/buy_box_weekly/read_totals", account_id, week_end_date)
    return {row.pop("week_end_date"): row for row in rows}


def read_incidents(connection: psycopg.Connection, account_id: str, week_end_date: date) -> list[Row]:
    """The confirmed losses that were open at some time of the week, what cost most first."""
    return _read(connection, "mart/buy_box_incident/read_week", account_id, week_end_date)


def read_controls(connection: psycopg.Connection, account_id: str, week_end_date: date) -> list[Row]:
    """The lines whose cause began in the week, as they were shown last until the Sunday after; largest stake first."""
    return _read(connection, "mart/daily_control/read_opened", account_id, week_end_date)


def read_actions(connection: psycopg.Connection, account_id: str, week_end_date: date) -> list[Row]:
    """What people did in the week, the oldest first; ``cause_code`` is None of a control that no morning shows."""
    return _read(connection, "ops/control_action/read_week", account_id, week_end_date)


def read_recoveries(connection: psycopg.Connection, account_id: str, week_end_date: date) -> list[Row]:
    """The winning back of the week's losses, with what was spent and what it regained; what regained most first."""
    return _read(connection, "mart/buy_box_recovery/read_week", account_id, week_end_date)


def _read(connection: psycopg.Connection, name: str, account_id: str, week_end_date: date) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(name), {"account_id": account_id, "week_end_date": week_end_date}).fetchall()
