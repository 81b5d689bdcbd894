"""What the controls raised, as lines: read from ``mart.daily_control``, or from the marts below it where it is not."""

from datetime import date

import psycopg

from bench.evaluate.scoring import Line

_DAILY_CONTROLS = """
    select control_date, control_id, cause_code, asins, opened_date, lane_code, is_new
    from mart.daily_control
    where account_id = %(account_id)s and control_date between %(first)s and %(last)s
"""
_STOCK_ALONE = """
    with causes as (
        select
            business_date + 1 as control_date,
            asin,
            case
                when stock_status_code in ('overstock', 'dead_stock') then stock_status_code
                when supply_cause_code = 'none' then 'supply_unexplained'
                when supply_cause_code = 'unknown' then 'supply_unknown'
                else supply_cause_code
            end as cause_code,
            stock_status_code in ('overstock', 'dead_stock') as is_weekly
        from mart.stock_coverage_daily
        where
            account_id = %(account_id)s
            and business_date + 1 between %(first)s and %(last)s
            and stock_status_code in ('out_of_stock', 'critical', 'low', 'overstock', 'dead_stock')
    ),
    runs as (
        select
            *,
            control_date - (row_number() over (partition by asin, cause_code order by control_date))::integer as run
        from causes
    )
    select
        control_date,
        asin || ':' || cause_code as control_id,
        cause_code,
        array[asin] as asins,
        min(control_date) over (partition by asin, cause_code, run) - 1 as opened_date,
        case when is_weekly then 'weekly' else 'today' end as lane_code,
        control_date = min(control_date) over (partition by asin, cause_code, run) as is_new
    from runs
"""


def read_lines(connection: psycopg.Connection, account_id: str, first: date, last: date) -> list[Line]:
    """The lines of the mornings from ``first`` to ``last``.

    Where the warehouse has no ``mart.daily_control``, each status of stock that wants something done is a line.
    """
    exists = connection.execute("select to_regclass('mart.daily_control') is not null").fetchone()
    query = _DAILY_CONTROLS if exists and exists[0] else _STOCK_ALONE
    rows = connection.execute(query, {"account_id": account_id, "first": first, "last": last}).fetchall()
    return [
        Line(
            control_date=row[0], control_id=row[1], cause_code=row[2], asins=frozenset(row[3]), opened_date=row[4],
            lane_code=row[5], is_new=row[6],
        )
        for row in rows
    ]  # fmt: skip
