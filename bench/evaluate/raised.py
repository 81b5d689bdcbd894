"""What the controls raised, as lines: read from ``mart.daily_control``."""

from datetime import date

import psycopg

from bench.evaluate.scoring import Line

_DAILY_CONTROLS = """
    select control_date, control_id, cause_code, asins, opened_date, lane_code, is_new
    from mart.daily_control
    where account_id = %(account_id)s and control_date between %(first)s and %(last)s
"""


def read_lines(connection: psycopg.Connection, account_id: str, first: date, last: date) -> list[Line]:
    """The lines of the mornings from ``first`` to ``last``."""
    rows = connection.execute(_DAILY_CONTROLS, {"account_id": account_id, "first": first, "last": last}).fetchall()
    return [
        Line(
            control_date=row[0], control_id=row[1], cause_code=row[2], asins=frozenset(row[3]), opened_date=row[4],
            lane_code=row[5], is_new=row[6],
        )
        for row in rows
    ]  # fmt: skip
