"""The morning's list twice: by ``mart.daily_control`` and in plain Python, the same on any causes of any two days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daybreak.stack.postgres import EmbeddedPostgres
from tests.independent.control_lines import Rule, cause_id, lines_of
from tests.postgres_server import database_clone
from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import insert_world, read_world

DAY = date(2026, 6, 30)
TODAY_LINES = 3
ASINS = ("A", "B", "C", "D")
DAYS_BACK = (0, 0, 1, 1, 4, 6)
ACTIONS = ("acknowledged", "snoozed", "sent_to_client", "agreed", "refused", "done", "not_invited")


@pytest.fixture(scope="module")
def warehouse_connection(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[psycopg.Connection]:
    with (
        database_clone(postgres, warehouse_template) as name,
        psycopg.connect(postgres.url(name), options="-c timezone=UTC -c jit=off") as opened,
    ):
        yield opened


def read_rules(connection: psycopg.Connection) -> dict[str, Rule]:
    rows = connection.execute(
        "select cause_code, family_code, family_place, action_code, lane_code, recoverable_ratio, due_hours"
        " from mart.control_rules()"
    )
    return {row[0]: Rule(*row[1:]) for row in rows}


def cause_rows(rules: dict[str, Rule]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Causes of four products on days of a week, at most one of a family; one far back ends the first 14 days."""

    def row(key: tuple[str, str, date]) -> st.SearchStrategy[dict[str, Any]]:
        asin, family, day = key
        causes = sorted(cause for cause, rule in rules.items() if rule.family == family)
        return st.fixed_dictionaries(
            {
                "asin": st.just(asin),
                "family_code": st.just(family),
                "business_date": st.just(day),
                "cause_code": st.sampled_from(causes),
                "severity": st.integers(1, 3),
                "opened_date": st.sampled_from(
                    (day, day - timedelta(days=14), DAY - timedelta(days=6), DAY - timedelta(days=9))
                ).filter(lambda opened: opened <= day),
                "bundle_code": st.sampled_from((None, "reseller:R", "driver:x")),
                "stake_amount": st.none() | st.integers(0, 500),
            }
        )

    families = sorted({rule.family for rule in rules.values()})
    days = st.sampled_from(DAYS_BACK).map(lambda back: DAY - timedelta(days=back))
    few = st.sampled_from(families) | st.just("buy_box")
    keys = st.tuples(st.sampled_from(ASINS), few, days)
    oldest = {
        "asin": "Z", "family_code": "content", "business_date": date(2026, 6, 1), "cause_code": "content_low",
        "severity": 1, "opened_date": date(2026, 6, 1), "bundle_code": None, "stake_amount": None,
    }  # fmt: skip
    return st.lists(keys, unique=True, max_size=14).flatmap(
        lambda chosen: st.tuples(*map(row, chosen)).map(lambda rows: [oldest, *rows])
    )


def lines_of_sellers() -> st.SearchStrategy[list[dict[str, Any]]]:
    """What two sellers undercut on the day of an answer and on the last one; products come, go and fall ill anew."""
    long, anew, answered = DAY - timedelta(days=9), DAY - timedelta(days=2), DAY - timedelta(days=4)

    def row(asin: str, day: date, opened: date, seller: str) -> dict[str, Any]:
        return {
            "asin": asin, "family_code": "buy_box", "business_date": day, "cause_code": "undercut", "severity": 2,
            "opened_date": opened, "bundle_code": f"reseller:{seller}", "stake_amount": None,
        }  # fmt: skip

    openings = st.sampled_from((long, long, answered, anew))
    of_product = st.tuples(openings, st.sampled_from("RRS"), st.booleans(), st.booleans())
    return st.tuples(*[of_product] * len(ASINS)).map(
        lambda drawn: [
            row("Z", date(2026, 6, 1), date(2026, 6, 1), "Z"),
            *(
                row(asin, day, opened, seller)
                for asin, (opened, seller, *is_there) in zip(ASINS, drawn, strict=True)
                for day, is_ill in zip((answered, DAY), is_there, strict=True)
                if is_ill and opened <= day
            ),
        ]
    )


def action_rows(rows: list[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """What people did about some of the causes, in the week before the morning and on its day."""
    hours = st.integers(-8 * 24, 2 * 24)
    action = st.fixed_dictionaries(
        {
            "control_id": st.sampled_from([cause_id({**row, "account_id": "brand"}) for row in rows]),
            "action_code": st.sampled_from(ACTIONS),
            "acted_at": hours.map(
                lambda later: datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(hours=later)
            ),
            "follow_up_date": st.none() | st.integers(-3, 9).map(lambda later: DAY + timedelta(days=later)),
            "asin": st.none() | st.sampled_from(ASINS),
        }
    )
    return st.lists(
        action, max_size=4, unique_by=lambda each: (each["control_id"], each["acted_at"], each["action_code"])
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_both_computations_make_the_same_lines(warehouse_connection: psycopg.Connection, data: st.DataObject) -> None:
    rules = read_rules(warehouse_connection)
    agree_on(warehouse_connection, rules, data.draw(cause_rows(rules)), data)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_both_computations_keep_the_answers_of_a_line_alike(
    warehouse_connection: psycopg.Connection, data: st.DataObject
) -> None:
    agree_on(warehouse_connection, read_rules(warehouse_connection), data.draw(lines_of_sellers()), data)


def agree_on(
    warehouse_connection: psycopg.Connection, rules: dict[str, Rule], rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    actions = data.draw(action_rows(rows))
    given_rows = {"account": {"thresholds": {"today_line_count": TODAY_LINES}}, "control_cause_daily": rows}
    given_rows["control_action"] = [dict(action) for action in actions]
    try:
        insert_world(warehouse_connection, read_world(given_rows))
        build_and_publish(warehouse_connection, "daily_control", [("brand", DAY, DAY)])
        built = read_mart(warehouse_connection, "daily_control")
    finally:
        warehouse_connection.rollback()
    causes = [
        {
            **row,
            "account_id": "brand",
            "due_at": None,
            "stake_amount": None if row["stake_amount"] is None else Decimal(row["stake_amount"]),
        }
        for row in rows
    ]
    expected = lines_of(DAY, causes, rules, "Europe/Rome", TODAY_LINES, actions)
    compared = sorted(expected[0]) if expected else []
    assert sorted(
        ({name: sorted(v) if isinstance(v := line[name], list) else v for name in compared} for line in built),
        key=lambda line: str(line["control_id"]),
    ) == sorted(expected, key=lambda line: str(line["control_id"]))
