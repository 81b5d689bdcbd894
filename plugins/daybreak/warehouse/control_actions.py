"""The human side of a control: what somebody did about it, when, and with which words. Only ever added to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class KnownControl:
    """A control that was shown to people, as the newest morning that names it shows it."""

    account_id: str
    control_id: str
    control_date: date
    cause_code: str
    asins: list[str]


@dataclass(frozen=True)
class ControlAction:
    """What a person did about a control. No ``asin``: about the control as a whole.

    ``spend_amount`` is money in the account's currency; ``follow_up_date`` the day on which to look at it again.
    """

    account_id: str
    control_id: str
    asin: str | None
    action_code: str
    actor_name: str
    note: str | None
    spend_amount: Decimal | None
    follow_up_date: date | None


@dataclass(frozen=True)
class RecordedAction(ControlAction):
    """An action with the instant at which it was recorded."""

    acted_at: datetime


def find_control(connection: psycopg.Connection, account_ids: Sequence[str], control_id: str) -> KnownControl | None:
    """The control of that name among ``account_ids``; None when no morning ever showed it."""
    with connection.cursor(row_factory=class_row(KnownControl)) as cursor:
        return cursor.execute(
            statement("ops/control_action/find_control"),
            {"account_ids": list(account_ids), "control_id": control_id},
        ).fetchone()


def record_actions(connection: psycopg.Connection, actions: Sequence[ControlAction]) -> None:
    """Each of ``actions`` is a row of ``ops.control_action``, with the instant of this transaction."""
    for action in actions:
        connection.execute(statement("ops/control_action/insert_action"), asdict(action))


def read_actions(connection: psycopg.Connection, account_ids: Sequence[str], control_id: str) -> list[RecordedAction]:
    """What people did about the control, the oldest first."""
    with connection.cursor(row_factory=class_row(RecordedAction)) as cursor:
        return cursor.execute(
            statement("ops/control_action/read_actions"),
            {"account_ids": list(account_ids), "control_id": control_id},
        ).fetchall()
