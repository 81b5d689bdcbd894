"""What was sent to whom (``ops.notice``): the intention before the message goes, the outcome after it."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import psycopg

from daybreak.warehouse.statements import statement

Channel = Literal["mail", "chat"]
CUT_OFF_SECONDS = 600
"""An intention as old as this was cut off: no server is waited for so long."""


@dataclass(frozen=True)
class Notice:
    """One message to one recipient. ``content`` tells it from others of its kind and morning."""

    kind_code: Literal["digest", "incomplete", "late"]
    account_id: str | None
    control_date: date
    sequence: int | None
    channel_code: Channel
    recipient_hash: str
    content: str

    @property
    def notice_id(self) -> str:
        """The same for the same message, whoever tries it and when."""
        parts = [str(part) for part in asdict(self).values()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def hash_recipient(address: str) -> str:
    """What the ledger keeps of an address."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def claim_notice(connection: psycopg.Connection, notice: Notice, run_id: str) -> bool:
    """Notes the intention; False when the message was sent already, or somebody is sending it just now."""
    values = {key: value for key, value in asdict(notice).items() if key != "content"}
    claimed = connection.execute(
        statement("ops/notice/claim_notice"),
        {**values, "notice_id": notice.notice_id, "run_id": run_id, "seconds": CUT_OFF_SECONDS},
    )
    return claimed.fetchone() is not None


def settle_notice(connection: psycopg.Connection, notice: Notice, reason: str | None) -> None:
    """Notes the outcome: sent, or failed for ``reason``."""
    connection.execute(
        statement("ops/notice/settle_notice"),
        {"notice_id": notice.notice_id, "status_code": "failed" if reason else "sent", "reason": reason},
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
