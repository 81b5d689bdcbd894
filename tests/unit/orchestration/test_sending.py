"""Mornings and alerts on their way out, by real servers on loopback: a mail server and a web server for chats."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from psycopg.types.json import Jsonb

from daybreak.accounts import Account
from daybreak.board.alert_letter import Trouble
from daybreak.orchestration import alerting
from daybreak.orchestration.mailing import Mailer
from daybreak.settings import get_settings
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.mornings import insert_digest

MORNING = date(2026, 7, 1)
INSTANT = datetime(2026, 7, 1, 6, tzinfo=UTC)
BUYING, BRAND = "buying@example.com", "brand@example.com"


class MailServer:
    """Takes mail, refuses recipients named in ``refused``, answers everything with 451 while it ``is_full``."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, Message]] = []
        self.refused: set[str] = set()
        self.is_full = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.is_full:
            return "451 the disk is full"
        self.mails += [(address, message_from_bytes(envelope.content)) for address in envelope.rcpt_tos]
        return "250 taken"

    def to(self, address: str) -> list[Message]:
        return [mail for receiver, mail in self.mails if receiver == address]


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(port))
    yield server
    controller.stop()


def smtp_connection(port: int) -> str:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "daybreak@example.com", "timeout": 5}
    return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": {**extra, "retry_limit": 0}})


class Chat(BaseHTTPRequestHandler):
    """A webhook: keeps what it is told, answers with ``status`` after ``seconds``."""

    told: list[dict[str, Any]]
    status = 200
    seconds = 0.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.seconds)
        self.send_response(self.status)
        self.end_headers()
        self.told.append(json.loads(body))

    def log_message(self, *args: Any) -> None:
        """A test's server says nothing."""


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Chat]]:
    class Webhook(Chat):
        told: list[dict[str, Any]] = []  # noqa: RUF012 - one server, one list

    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"json://127.0.0.1:{server.server_port}/?rto=0.5&cto=0.5"
    connection = {"conn_type": "apprise", "extra": {"config": {"path": address, "tag": "all"}}}
    monkeypatch.setenv("AIRFLOW_CONN_CHAT", json.dumps(connection))
    yield Webhook
    server.shutdown()
    server.server_close()


def account(account_id: str = "brand_it", *recipients: str, chat_connection_id: str | None = None) -> Account:
    return Account(
        account_id=account_id,
        name="Brand\nBcc: eve@example.com",
        marketplace_code="IT",
        vendor_connection_id="spapi_brand",
        recipients=recipients,
        chat_connection_id=chat_connection_id,
    )


def line(number: int, stake: str = "100", lane: str = "today") -> dict[str, Any]:
    return {
        "control_id": f"brand_it:supply:B00000000{number}:2026-06-30",
        "lane_code": lane,
        "cause_code": "no_po" if number % 2 else "undercut",
        "action_code": "ask_for_order",
        "asins": [f"B00000000{number}"],
        "client_sku": None,
        "name": f"<script>alert({number})</script>",
        "symptoms": [],
        "opened_date": "2026-06-30",
        "due_at": "2026-07-02 16:00:00+00:00",
        "stake_amount": stake,
        "is_new": True,
        "is_worsened": False,
    }


@pytest.fixture
def ledger(connection: psycopg.Connection, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Keeps versions of the morning of ``brand_it`` and ``brand_de`` as they are called for."""
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    sync_accounts(connection, [account(), account("brand_de")])

    def keep(lines: list[dict[str, Any]], account_id: str = "brand_it") -> None:
        held = connection.execute("select count(*) from ops.morning where account_id = %s", [account_id]).fetchone()
        digest = {
            "account_id": account_id,
            "name": "Brand\nBcc: eve@example.com",
            "control_date": MORNING.isoformat(),
            "business_date": "2026-06-30",
            "currency_code": "EUR",
            "time_zone": "Europe/Rome",
            "controls": lines,
        }
        insert_digest(
            connection, account_id, MORNING, sequence=(held[0] if held else 0) + 1, digest=Jsonb(digest),
            digest_hash=str(len(json.dumps(digest))), run_id="test",
        )  # fmt: skip

    yield keep
    get_settings.cache_clear()


def send(receiver: Account, run_id: str = "run") -> str:
    return alerting.send_morning(receiver, MORNING, run_id, alerting.open_mailer())


def test_a_morning_goes_out_as_text_and_page_with_its_pictures_once(ledger: Any, mail: MailServer) -> None:
    ledger([line(1), line(2)])
    receiver = account("brand_it", BUYING)
    assert send(receiver) == f"mail to {BUYING}: sent"
    assert "has the morning already" in send(receiver, "rerun")
    (sent,) = mail.to(BUYING)
    parts = {part.get_content_type(): part for part in sent.walk()}
    assert sent.get_content_type() == "multipart/alternative"
    assert {"text/plain", "text/html", "multipart/related", "image/png"} <= parts.keys()
    page = parts["text/html"].get_payload(decode=True).decode()
    assert f"cid:{parts['image/png']['Content-ID'].strip('<>')}" in page
    assert "<script" not in page, "what a product is called is text"
    assert sent["Bcc"] is None, "a name cannot add a header"
    assert sent["Message-ID"].endswith("@daybreak>")


def test_a_changed_morning_says_what_is_new_gone_and_worse_and_noise_says_nothing(
    ledger: Any, mail: MailServer
) -> None:
    receiver = account("brand_it", BUYING)
    ledger([line(1), line(2), line(3)])
    send(receiver)
    ledger([line(1, "101"), line(2), line(3)])
    assert "has the morning already" in send(receiver)
    ledger([line(1, "250"), line(2), line(4)])
    assert send(receiver) == f"mail to {BUYING}: sent"
    text = next(p for p in mail.to(BUYING)[1].walk() if p.get_content_type() == "text/plain")
    changed = text.get_payload(decode=True).decode().replace("\r", "").partition("CAMBIATO")[2].partition("\n\n")[0]
    assert [row.split(":")[0] for row in changed.splitlines()[1:]] == ["- nuovo", "- peggiorato", "- risolto"]
    assert [f"B00000000{number}" in changed for number in (4, 1, 3, 2)] == [True, True, True, False]


def test_a_wrong_address_is_one_line_and_holds_back_nobody_else(ledger: Any, mail: MailServer) -> None:
    ledger([line(1)])
    mail.refused = {BUYING}
    told = send(account("brand_it", BUYING, BRAND))
    assert told.split("; mail to ")[0].startswith(f"mail to {BUYING}: NOT SENT")
    assert "550 no such person here; correct accounts.yml" in told
    assert told.endswith(f"mail to {BRAND}: sent")
    mail.refused = set()
    assert f"{BUYING}: sent" in send(account("brand_it", BUYING, BRAND), "next")
    assert len(mail.to(BUYING)) == len(mail.to(BRAND)) == 1


def test_a_server_that_refuses_stops_nothing_and_the_next_run_tries_again(ledger: Any, mail: MailServer) -> None:
    ledger([line(1)])
    mail.is_full = True
    assert "it answers 451 the disk is full" in send(account("brand_it", BUYING))
    mail.is_full = False
    assert send(account("brand_it", BUYING), "next") == f"mail to {BUYING}: sent"


def test_a_server_that_is_down_is_waited_for_once(ledger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger([line(1)])
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(1))
    mailer = Mailer("smtp_default")
    told = alerting.send_morning(account("brand_it", BUYING, BRAND), MORNING, "run", mailer)
    assert "ConnectionRefusedError" in told.split("; mail to ")[0]
    assert "not tried, the mail server failed before" in told


def test_a_message_cut_off_between_sending_and_noting_goes_again_under_the_same_name(
    ledger: Any, mail: MailServer, connection: psycopg.Connection
) -> None:
    ledger([line(1)])
    receiver = account("brand_it", BUYING)
    send(receiver)
    connection.execute("update ops.notice set status_code = 'intended', settled_at = null")
    assert "was sent already, or is being sent" in send(receiver), "another run may be sending it"
    connection.execute("update ops.notice set intended_at = intended_at - interval '11 minutes'")
    assert send(receiver) == f"mail to {BUYING}: sent"
    first, second = mail.to(BUYING)
    assert first["Message-ID"] == second["Message-ID"]


def test_without_recipients_or_connection_the_morning_is_kept_and_the_task_says_so(
    ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger([line(1)])
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    assert send(account()) == "kept and not sent: accounts.yml names no recipients"
    assert send(account("brand_it", BUYING)) == "kept and not sent: Airflow has no connection smtp_default"


def test_a_chat_gets_the_first_lines_and_one_that_hangs_or_refuses_is_one_message(
    ledger: Any, mail: MailServer, chat: type[Chat]
) -> None:
    ledger([line(number) for number in range(1, 8)])
    receiver = account("brand_it", BUYING, chat_connection_id="chat")
    chat.seconds = 1.5
    began = time.monotonic()
    told = send(receiver)
    assert f"mail to {BUYING}: sent" in told
    assert "chat to chat: NOT SENT" in told
    assert time.monotonic() - began < 10
    chat.seconds, chat.status = 0.0, 403
    assert "403" in send(receiver, "next")
    chat.status = 200
    chat.told.clear()
    assert "chat to chat: sent" in send(receiver, "last")
    assert chat.told[0]["message"].count("B00000000") == 5
    assert len(mail.to(BUYING)) == 1


def test_on_call_gets_the_slice_the_words_of_amazon_and_the_command_once(
    ledger: Any, mail: MailServer, monkeypatch: pytest.MonkeyPatch, connection: psycopg.Connection
) -> None:
    monkeypatch.setenv("DAYBREAK_ON_CALL_RECIPIENTS", json.dumps([BRAND]))
    get_settings.cache_clear()
    trouble = Trouble("brand_it sales_daily: due and missing 2026-06-26 (Amazon: 'FATAL <b>')", "daybreak status")
    assert alerting.tell_on_call("Daybreak: red", [trouble], "run", INSTANT) == [f"mail to {BRAND}: sent"]
    assert "was sent already" in alerting.tell_on_call("Daybreak: red", [trouble], "rerun", INSTANT)[0]
    (sent,) = mail.to(BRAND)
    text, page = (part.get_payload(decode=True).decode() for part in sent.walk() if not part.is_multipart())
    assert trouble.sentence in text
    assert trouble.command in text
    assert "<b>" not in page
    row = connection.execute("select control_date, status_code, recipient_hash from ops.alert").fetchone()
    assert row is not None
    assert row[:2] == (INSTANT.date(), "sent")
    assert BRAND not in row[2]


def test_on_call_that_is_not_configured_is_one_line(ledger: Any) -> None:
    assert alerting.tell_on_call("red", [Trouble("x", "y")], "run", INSTANT) == [alerting.NOBODY]


def test_a_late_run_is_told_without_the_ledger(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBREAK_ON_CALL_RECIPIENTS", json.dumps([BRAND]))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", "postgresql://nobody@127.0.0.1:1/none")
    get_settings.cache_clear()
    alerting.tell_late(dag_id="daily_controls", minutes=90, context={})
    get_settings.cache_clear()
    assert "daily_controls is late" in str(mail.to(BRAND)[0]["Subject"])
