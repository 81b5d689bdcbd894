"""Brings mornings to account managers and red runs to on-call, by what the operator has configured."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from daybreak.accounts import Account
from daybreak.board.alert_letter import Trouble, compose_alert
from daybreak.board.letter import Letter
from daybreak.business_dates import local_date
from daybreak.orchestration.chat import send_chat
from daybreak.orchestration.mailing import Mailer
from daybreak.settings import get_settings
from daybreak.steps.notices import NoticeRefused, Route, deliver, send_digest
from daybreak.warehouse.notices import Alert, hash_recipient

logger = logging.getLogger(__name__)

BY_ITSELF = "The next run asks again for all that is missing; clearing tasks is never needed. Pages: docs/runbook.md"

NOBODY = "nobody is told: neither DAYBREAK_ON_CALL_RECIPIENTS nor DAYBREAK_ON_CALL_CHAT_CONNECTION_ID is set"


def open_mailer() -> Mailer:
    """The mailer of this task: one for all its letters, so that a server that is down is waited for once."""
    return Mailer(get_settings().smtp_connection_id)


def send_morning(account: Account, control_date: date, run_id: str, mailer: Mailer) -> str:
    """Sends the account's kept morning to its recipients; one line of what became of it, whatever that was."""
    routes = _routes(account.recipients, account.chat_connection_id, mailer)
    if not routes:
        return _why_kept(account.recipients, mailer)
    return "; ".join(send_digest(account, control_date, routes, run_id))


def tell_on_call(title: str, troubles: Sequence[Trouble], run_id: str, instant: datetime) -> list[str]:
    """Tells on-call of a red run; the same troubles of one morning are told once. Returns what became of it."""
    routes = _on_call_routes()
    content_hash = hashlib.sha256("\n".join(sorted(each.sentence for each in troubles)).encode()).hexdigest()
    control_date = local_date(instant, get_settings().agency_time_zone)
    letter = compose_alert(title, troubles, BY_ITSELF)
    return [
        deliver(
            Alert(control_date, content_hash, route.channel_code, hash_recipient(route.address)), letter, route, run_id
        )
        for route in routes
    ] or [NOBODY]


def tell_without_ledger(title: str, trouble: Trouble) -> None:
    """Tells on-call what the ledger cannot note, because it does not answer or nothing is known of the run."""
    letter = compose_alert(title, [trouble], BY_ITSELF)
    for route in _on_call_routes():
        try:
            stamp = hashlib.sha256(f"{title}{datetime.now(UTC)}".encode()).hexdigest()[:40]
            route.send(letter, f"<{stamp}@daybreak>")
        except NoticeRefused as refused:
            logger.warning("%s to %s: NOT SENT: %s", route.channel_code, route.address, refused)


def tell_late(dag_id: str, minutes: int, **_: Any) -> None:
    """What a deadline of Airflow calls: a run is still not done so long after it was queued."""
    tell_without_ledger(
        f"Daybreak: a run of {dag_id} is late",
        Trouble(f"{dag_id} was queued {minutes} minutes ago and is not done", "daybreak status"),
    )


def _on_call_routes() -> list[Route]:
    settings = get_settings()
    return _routes(settings.on_call_recipients, settings.on_call_chat_connection_id, open_mailer())


def _routes(recipients: Sequence[str], chat_connection_id: str | None, mailer: Mailer) -> list[Route]:
    mail = recipients if recipients and mailer.is_configured() else ()
    routes = [Route("mail", address, partial(_mail, mailer, address)) for address in mail]
    if chat_connection_id:
        routes.append(Route("chat", chat_connection_id, partial(_chat, chat_connection_id)))
    return routes


def _mail(mailer: Mailer, address: str, letter: Letter, message_id: str) -> None:
    mailer.send(letter, address, message_id)


def _chat(connection_id: str, letter: Letter, message_id: str) -> None:
    send_chat(letter, connection_id)


def _why_kept(recipients: Sequence[str], mailer: Mailer) -> str:
    if not recipients:
        return "kept and not sent: accounts.yml names no recipients"
    return f"kept and not sent: Airflow has no connection {mailer.connection_id}"
