"""Sends messages so that a rerun sends none twice, and one that fails stops no other.

Per recipient: the intention is noted and committed, the message goes, the outcome is noted. A kill before the message
goes or after its outcome is noted costs and repeats nothing. Between the two nobody can know whether the server took
it: such a message goes again ten minutes later, under the same Message-ID, by which mail programs know a repeat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from daybreak.accounts import Account
from daybreak.board.letter import Letter
from daybreak.board.morning_facts import Changes, MorningFacts, compare, read_morning
from daybreak.board.morning_letter import compose_letter
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mornings import read_digest
from daybreak.warehouse.notices import (
    Alert,
    Channel,
    Notice,
    claim_message,
    hash_recipient,
    message_number,
    read_last_sent,
    settle_message,
)


class NoticeRefused(RuntimeError):
    """A message did not go out; the words name the recipient, who refused and why, and hold no secret."""


@dataclass(frozen=True)
class Route:
    """A way to one recipient. ``send`` gets the message and its Message-ID.

    ``send`` raises NoticeRefused when the message did not go out.
    """

    channel_code: Channel
    address: str
    send: Callable[[Letter, str], None]


def send_digest(
    account: Account, control_date: date, routes: Sequence[Route], run_id: str, dsn: str | None = None
) -> list[str]:
    """Sends the newest version of the morning to whoever does not have it; returns what became of each, in words.

    Who has an earlier version gets this one only when today's lines are new, gone or worse; it begins with these.
    """
    told: list[str] = []
    for route in routes:
        recipient_hash = hash_recipient(route.address)
        with transaction(dsn, role="transformer") as connection:
            kept = read_digest(connection, account.account_id, control_date)
        if kept is None:
            return [f"no morning of {control_date} is kept: nothing to send"]
        morning = read_morning(kept.digest)
        with transaction(dsn) as connection:
            last = read_last_sent(connection, account.account_id, control_date, route.channel_code, recipient_hash)
        changes = _changes(account, morning, last, dsn)
        if last is not None and not changes:
            told.append(f"{route.channel_code} to {route.address}: has the morning already")
            continue
        notice = Notice(account.account_id, control_date, kept.sequence, route.channel_code, recipient_hash)
        told.append(deliver(notice, compose_letter(morning, account.spoken_language, changes), route, run_id, dsn))
    return told


def deliver(message: Notice | Alert, letter: Letter, route: Route, run_id: str, dsn: str | None = None) -> str:
    """Sends one message unless it was sent already; returns what became of it, in one line."""
    what = f"{route.channel_code} to {route.address}"
    with transaction(dsn) as connection:
        if not claim_message(connection, message, run_id):
            return f"{what}: was sent already, or is being sent"
    reason: str | None = None
    try:
        route.send(letter, f"<{message_number(message)}@daybreak>")
    except NoticeRefused as refused:
        reason = str(refused)
    with transaction(dsn) as connection:
        settle_message(connection, message, reason)
    return f"{what}: NOT SENT, the next run tries again: {reason}" if reason else f"{what}: sent"


def _changes(account: Account, morning: MorningFacts, last: int | None, dsn: str | None) -> Changes | None:
    if last is None:
        return None
    with transaction(dsn, role="transformer") as connection:
        before = read_digest(connection, account.account_id, morning.control_date, last)
    return compare(read_morning(before.digest), morning) if before else None
