"""What was sent to whom (``ops.notice``, ``ops.alert``): intention before a message goes, outcome after."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar, Literal

import psycopg

from daybreak.warehouse.statements import statement

Channel = Literal["mail", "chat"]
CUT_OFF_SECONDS = 600
"""An intention as old as this was cut off: no server is waited for so long."""


@dataclass(frozen=True)
class Notice:
    """One version of an account's morning to one recipient."""

    account_id: str
    control_date: date
    sequence: int
    channel_code: Channel
    recipient_hash: str

    claim: ClassVar[str] = "ops/notice/claim_notice"
    settle: ClassVar[str] = "ops/notice/settle_notice"


@dataclass(frozen=True)
class Alert:
    """What went wrong in a morning, to one of those on call. ``content_hash`` tells it from the morning's others."""

    control_date: date
    content_hash: str
    channel_code: Channel
    recipient_hash: str

    claim: ClassVar[str] = "ops/alert/claim_alert"
    settle: ClassVar[str] = "ops/alert/settle_alert"


def message_number(message: Notice | Alert) -> str:
    """The same for the same message, whoever tries it and when."""
    parts = [type(message).__name__, *(str(part) for part in asdict(message).values())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def hash_recipient(address: str) -> str:
    """What the ledger keeps of an address."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def claim_message(connection: psycopg.Connection, message: Notice | Alert, run_id: str) -> bool:
    """Notes the intention; False when the message was sent already, or somebody is sending it just now."""
    values = {**asdict(message), "message_number": message_number(message), "run_id": run_id}
    return connection.execute(statement(message.claim), {**values, "seconds": CUT_OFF_SECONDS}).fetchone() is not None


def settle_message(connection: psycopg.Connection, message: Notice | Alert, reason: str | None) -> None:
    """Notes the outcome: sent, or failed for ``reason``."""
    values = {**asdict(message), "message_number": message_number(message)}
    connection.execute(
        statement(message.settle), {**values, "status_code": "failed" if reason else "sent", "reason": reason}
    )


def read_last_sent(
    connection: psycopg.Connection, account_id: str, control_date: date, channel_code: Channel, recipient_hash: str
) -> int | None:
    """The newest version of the morning that the recipient has; None when none was sent."""
    found = connection.execute(
        statement("ops/notice/read_last_sent"),
        {
            "account_id": account_id,
            "control_date": control_date,
            "channel_code": channel_code,
            "recipient_hash": recipient_hash,
        },
    ).fetchone()
    return found[0] if found else None
