"""After a run in which everything failed, no log and no exception holds a secret, in whatever coat."""

import base64
import html
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from urllib.parse import quote, quote_plus

import pytest
import sp_api.api

from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.failures import SpApiFailure
from daybreak.spapi.reports import create_report, fetch_document, fetch_error_details, find_reports, get_report
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from tests.unit.spapi import fake_amazon
from tests.unit.spapi.fake_amazon import Asked, FakeAmazon, Reply, answer, as_json, raw, refusal

API = "/reports/2021-06-30"


class Gossip(FakeAmazon):
    """Repeats in its answers all that it was told, in every coat."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def reply_to(self, asked: Asked) -> Reply:
        heard = asked.headers.get("x-amz-access-token", "").split() + asked.query.get("X-Amz-Signature", [])
        self.told += [value for value in heard if value not in self.told]
        return super().reply_to(asked)

    def repeated(self) -> str:
        """The credential's own parts, and the newest of what passes."""
        return " ; ".join(coat for value in self.told[:3] + self.told[3:][-2:] for coat in coats(value))

    def failures(self) -> Iterator[Reply]:
        words = self.repeated()
        page = f"<html><title>{html.escape(words)[:199]}</title>{words}</html>".encode()
        yield refusal(403, "Unauthorized", words, "The access token you provided has expired.")
        yield refusal(403, words, words, words)
        yield refusal(400, "InvalidInput", f"cannot parse {words}", words)
        yield refusal(404, "NotFound", words)
        yield refusal(429, "QuotaExceeded", words)
        yield as_json(500, {"message": words})
        yield as_json(400, {"error": "invalid_grant", "error_description": words})
        yield as_json(400, {"error": words})
        yield answer(503, page)
        yield answer(403, f"<Error><Code>AccessDenied</Code><Message>{words[:290]}</Message></Error>".encode())
        yield answer(200, page)
        yield answer(200, json.dumps([words]).encode())
        yield answer(302, b"", Location=f"https://elsewhere/?token={quote(words[:2000], safe='')}")
        yield as_json(200, fake_amazon.report("744201019124", words))
        yield as_json(200, fake_amazon.report(words))
        yield as_json(200, {"reports": [fake_amazon.report(createdTime=words)]})
        yield answer(200, b"{}", length=9999)
        yield raw(f"HTTP/1.1 999 {quote(words[:500])}\r\nX-Echo: {words[:3000]}\r\n\r\n".encode())
        yield raw(words.encode())
        yield fake_amazon.reset


def coats(value: str) -> list[str]:
    plain = value.encode()
    return [
        value,
        quote(value, safe=""),
        quote(quote(value, safe=""), safe=""),
        quote_plus(value).lower() if quote_plus(value) != value else value,
        json.dumps(value),
        repr(value),
        base64.b64encode(plain).decode(),
        base64.urlsafe_b64encode(b"u:" + plain).decode(),
        base64.b64encode(b"?" + plain + b"&").decode(),
        quote(base64.b64encode(plain).decode(), safe=""),
        plain.hex(),
    ]


def everything_about(error: BaseException | None) -> Iterator[str]:
    """Text, repr, traceback and attributes of an exception and of all that hang on it, shown or not."""
    while error is not None:
        yield from (str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error)))
        error = error.__cause__ or error.__context__


def download(session: SellingPartnerSession) -> bytes:
    with fetch_document(session, "doc") as arriving:
        return b"".join(arriving)


ACTIONS: dict[tuple[str, str], Callable[[SellingPartnerSession], object]] = {
    ("POST", "/auth/o2/token"): lambda session: get_report(session, "1"),
    ("POST", f"{API}/reports"): lambda session: create_report(
        session, "GET_VENDOR_SALES_REPORT", (date(2026, 1, 1), date(2026, 1, 2)), {}
    ),
    ("GET", f"{API}/reports"): lambda session: find_reports(
        session, ["GET_VENDOR_SALES_REPORT"], datetime(2026, 1, 1, tzinfo=UTC)
    ),
    ("GET", f"{API}/reports/744201019124"): lambda session: get_report(session, "744201019124"),
    ("GET", f"{API}/documents/doc"): download,
    ("GET", "/storage/doc"): download,
}


@pytest.fixture
def amazon() -> Iterator[FakeAmazon]:
    server = Gossip()
    yield server
    server.stop()


def test_no_secret_leaves_the_room_when_everything_fails(
    amazon: Gossip,
    credential: SellingPartnerCredential,
    make_session: Callable[..., SellingPartnerSession],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("", "httpx", "httpcore", "daybreak", *(n for n in logging.root.manager.loggerDict if "sp_api" in n)):
        caplog.set_level(logging.DEBUG, name or None)
    own = (credential.refresh_token, credential.client_id, credential.client_secret)
    amazon.told = [part.get_secret_value() for part in own]
    log_in = amazon.replies("POST", "/auth/o2/token")
    shown: list[str] = []
    failed = 0
    for (method, path), action in ACTIONS.items():
        for number in range(len(list(amazon.failures()))):
            amazon.on("POST", "/auth/o2/token", *log_in)
            amazon.on("GET", f"{API}/reports/1", as_json(200, fake_amazon.report("1")))
            amazon.offer_document("doc", answer(200, b"bytes"))
            session = make_session(tokens=TokenStore())
            get_report(session, "1")  # logs in, so that there is a token to give away
            with suppress(SpApiFailure):
                download(session)  # and a signature
            session = make_session(tokens=TokenStore()) if "token" in path else session
            amazon.on(method, path, list(amazon.failures())[number])
            try:
                action(session)
            except SpApiFailure as failure:
                failed += 1
                shown += everything_about(failure)
    amazon.offer_document("doc", answer(200, json.dumps({"errorDetails": amazon.repeated()}).encode()))
    shown.append(fetch_error_details(make_session(), "doc"))
    formatter = logging.Formatter("%(name)s %(message)s")
    logged = [formatter.format(record) + repr(record.args) for record in caplog.records]
    assert failed > 100
    for library in ("httpx", "httpcore", sp_api.__name__):
        assert any(line.startswith(library) for line in logged), f"{library} was not captured"
    everything = "\n".join(shown + logged).lower()
    leaked = [coat for value in amazon.told for coat in coats(value) if coat.lower() in everything]
    assert len(amazon.told) > 200
    assert leaked == []


def test_a_document_that_holds_the_credential_itself_arrives_unchanged(
    amazon: Gossip, credential: SellingPartnerCredential, make_session: Callable[..., SellingPartnerSession]
) -> None:
    sent = credential.client_secret.get_secret_value().encode()
    amazon.offer_document("doc", answer(200, sent))
    assert download(make_session()) == sent
