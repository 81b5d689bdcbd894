"""Reports move from queue to outcome, logins and addresses expire, faults strike as often as ordered."""

import gzip
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from pydantic import ValidationError

from simulator.config import ConfigError, SimulatorConfig, read_config
from simulator.downloads import document_bytes
from simulator.faults.armoury import Armoury, Fault, Stage
from simulator.faults.spoilers import spoil
from simulator.login import Credential, LoginError, Logins
from simulator.refusals import Refusal
from simulator.report_book import Report
from simulator.report_listing import list_page, read_listing
from simulator.report_requests import accept, read_request
from simulator.signature import Signer
from simulator.simulation import Simulation

from .conftest import START_DATE, MakeAccount, ManualTime

SALES = "GET_VENDOR_SALES_REPORT"
BODY: dict[str, Any] = {
    "reportType": SALES,
    "marketplaceIds": ["APJ6JRA9NG5V4"],
    "dataStartTime": "2026-11-05",
    "dataEndTime": "2026-11-19T23:59:59Z",
    "reportOptions": {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"},
}


def only_credential(simulation: Simulation) -> Credential:
    token = simulation.config.accounts[0].refresh_token.get_secret_value()
    credential = simulation.logins.find(token)
    assert credential is not None
    return credential


def ask(simulation: Simulation, **changes: Any) -> Report:
    return accept(simulation, only_credential(simulation), read_request(json.dumps(BODY | changes).encode()))


def run_to_the_end(report: Report, manual_time: ManualTime) -> None:
    manual_time.seconds += report.end_pace - report.created_pace + 1


def read_document(simulation: Simulation, report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(document_bytes(simulation, report)))
    return document


def test_a_report_waits_works_and_is_done(simulation: Simulation, manual_time: ManualTime) -> None:
    report = ask(simulation)
    seen = [report.describe(simulation.clock.pace())]
    for moment in (report.start_pace, report.end_pace):
        manual_time.seconds += moment - simulation.clock.pace() + 0.001
        seen.append(report.describe(simulation.clock.pace()))
    assert [body["processingStatus"] for body in seen] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert ["reportDocumentId" in body for body in seen] == [False, False, True]
    assert ["processingEndTime" in body for body in seen] == [False, False, True]
    assert seen[2]["createdTime"] <= seen[2]["processingStartTime"] <= seen[2]["processingEndTime"]
    assert seen[2]["dataStartTime"] == "2026-11-05T00:00:00+00:00"
    assert seen[2]["dataEndTime"] == "2026-11-19T23:59:59+00:00"


def test_two_requests_make_two_reports(simulation: Simulation) -> None:
    first, second = ask(simulation), ask(simulation)
    assert first.report_id != second.report_id
    assert first.document_id != second.document_id


def test_durations_follow_from_the_seed(make_account: MakeAccount, simulation: Simulation) -> None:
    other = Simulation(simulation.config, "http://127.0.0.1:1", ManualTime(), ManualTime())
    mine, theirs = ask(simulation), ask(other)
    assert mine.start_pace - mine.created_pace == pytest.approx(theirs.start_pace - theirs.created_pace)
    assert 0 < mine.start_pace - mine.created_pace < mine.end_pace - mine.created_pace < 3600


def test_a_fatal_report_says_why_in_its_document(simulation: Simulation, manual_time: ManualTime) -> None:
    report = ask(simulation, dataEndTime="2026-11-20", dataStartTime="2026-11-20")
    run_to_the_end(report, manual_time)
    assert report.describe(simulation.clock.pace())["processingStatus"] == "FATAL"
    assert read_document(simulation, report)["errorDetails"].startswith(
        "Error in report request: The report data for the requested date range is not yet available."
    )


def test_a_report_without_data_is_cancelled_and_has_no_document(
    simulation: Simulation, manual_time: ManualTime
) -> None:
    report = ask(simulation, dataStartTime="2024-10-01", dataEndTime="2024-10-05")
    run_to_the_end(report, manual_time)
    body = report.describe(simulation.clock.pace())
    assert body["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in body
    assert simulation.book.find_document(report.document_id, report.credential_key) is None


def test_only_a_waiting_report_can_be_cancelled(simulation: Simulation, manual_time: ManualTime) -> None:
    waiting, working = ask(simulation), ask(simulation)
    assert simulation.book.cancel(waiting)
    assert waiting.status(simulation.clock.pace()) == "CANCELLED"
    manual_time.seconds += working.start_pace - working.created_pace + 0.001
    assert not simulation.book.cancel(working)


def test_reports_are_forgotten_after_90_days(simulation: Simulation, manual_time: ManualTime) -> None:
    report = ask(simulation)
    manual_time.seconds += 90 * 86_400 - 5
    assert simulation.book.find(report.report_id, report.credential_key) is report
    manual_time.seconds += 10
    assert simulation.book.find(report.report_id, report.credential_key) is None
    assert simulation.book.newest_first(report.credential_key) == []


def test_a_report_belongs_to_its_credential(simulation: Simulation) -> None:
    report = ask(simulation)
    assert simulation.book.find(report.report_id, "another") is None


def test_pages_show_every_report_once_newest_first(simulation: Simulation) -> None:
    created = [ask(simulation).report_id for _ in range(7)]
    key, now = only_credential(simulation).key, simulation.clock.now()
    listing = read_listing([("reportTypes", SALES), ("pageSize", "3"), ("marketplace_ids", "X")], now)
    shown: list[str] = []
    while True:
        page = list_page(simulation.book, simulation.clock, key, listing)
        shown += [body["reportId"] for body in page.reports]
        if page.next_token is None:
            break
        listing = read_listing([("nextToken", page.next_token)], now)
    assert shown == created[::-1]


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("reportTypes", SALES), ("processingStatuses", "BROKEN")],
        [("reportTypes", SALES), ("pageSize", "101")],
        [("reportTypes", SALES), ("createdSince", "yesterday")],
        [("nextToken", "bm90IG91cnM="), ("reportTypes", SALES)],
        [("nextToken", "no token")],
    ],
)
def test_listings_that_cannot_be_read_are_refused(simulation: Simulation, query: list[tuple[str, str]]) -> None:
    with pytest.raises(Refusal) as refused:
        read_listing(query, simulation.clock.now())
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"not json", "Invalid Input"),
        (b"[]", "Invalid Input"),
        (b"{}", "One or more required parameters missing"),
        (json.dumps(BODY | {"dataStartTime": "soon"}).encode(), "Invalid Input"),
        (json.dumps(BODY | {"reportOptions": {"reportPeriod": 1}}).encode(), "Invalid Input"),
        (json.dumps(BODY | {"marketplaceIds": ["X"] * 26}).encode(), "Invalid Input"),
        (
            json.dumps(BODY | {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"}).encode(),
            "Report type 107 does not support account ids of type class com.amazon.partner.account.id.VendorGroupId.",
        ),
    ],
)
def test_bodies_that_amazon_refuses_at_once(body: bytes, message: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_request(body)
    assert (refused.value.status, refused.value.code, refused.value.message) == (400, "InvalidInput", message)


def form(simulation: Simulation, **changes: str) -> dict[str, str]:
    credential = only_credential(simulation)
    return {
        "grant_type": "refresh_token",
        "refresh_token": credential.refresh_token,
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
    } | changes


def test_an_access_token_is_good_for_an_hour(simulation: Simulation, manual_time: ManualTime) -> None:
    answer = simulation.logins.exchange(form(simulation))
    assert (answer["expires_in"], answer["token_type"]) == (3600, "bearer")
    manual_time.seconds += 3599
    assert simulation.logins.recognise(answer["access_token"]) == only_credential(simulation)
    manual_time.seconds += 1
    with pytest.raises(Refusal) as refused:
        simulation.logins.recognise(answer["access_token"])
    assert refused.value.details == "The access token you provided has expired."


def test_a_restart_keeps_access_tokens_valid_and_another_secret_does_not(
    simulation: Simulation, manual_time: ManualTime
) -> None:
    token = simulation.logins.exchange(form(simulation))["access_token"]
    again = Simulation(simulation.config, "http://127.0.0.1:1", manual_time, manual_time)
    assert again.logins.recognise(token).account_ids == ("demo_it",)
    stranger = Logins(simulation.config.accounts, Signer(secrets.token_hex(8)), manual_time)
    with pytest.raises(Refusal) as refused:
        stranger.recognise(token)
    assert refused.value.details == "The access token you provided is revoked, malformed or invalid."


@pytest.mark.parametrize("token", ["nonsense", "Atza|", "Atza|a.b.c", "Atza|ü.1.2.3", "Atza|" + "f" * 300])
def test_malformed_tokens_are_refused(simulation: Simulation, token: str) -> None:
    with pytest.raises(Refusal) as refused:
        simulation.logins.recognise(token)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
    ],
)
def test_logins_fail_as_amazons_do(simulation: Simulation, change: dict[str, str], status: int, error: str) -> None:
    with pytest.raises(LoginError) as failed:
        simulation.logins.exchange(form(simulation, **change))
    assert (failed.value.status, failed.value.error) == (status, error)


def test_a_document_address_expires_and_cannot_be_forged(simulation: Simulation, manual_time: ManualTime) -> None:
    parts = urlsplit(simulation.addresses.presign("document", "identity"))
    fields = dict(parse_qsl(parts.query))
    assert fields["X-Amz-Expires"] == "300"
    assert simulation.addresses.refusal("document", fields) is None
    for forged in (fields | {"X-Amz-Expires": "9999"}, fields | {"X-Amz-Signature": "0"}, {}):
        refusal = simulation.addresses.refusal("document", forged)
        assert refusal is not None
        assert refusal.code == "SignatureDoesNotMatch"
    assert simulation.addresses.refusal("another", fields) is not None
    manual_time.seconds += 301
    expired = simulation.addresses.refusal("document", fields)
    assert expired is not None
    assert (expired.status, expired.message) == (403, "Request has expired")


def test_a_fault_strikes_only_where_and_as_often_as_ordered() -> None:
    armoury = Armoury()
    armoury.arm([Fault(kind="http_500", operation="getReport", account_id="it", report_type=SALES, times=2)])
    assert armoury.strike(Stage.CALL, "createReport", ("it",), SALES) is None
    assert armoury.strike(Stage.CALL, "getReport", ("de",), SALES) is None
    assert armoury.strike(Stage.CALL, "getReport", ("it",), "GET_VENDOR_TRAFFIC_REPORT") is None
    assert armoury.strike(Stage.DOCUMENT, "getReport", ("it",), SALES) is None
    strikes = [armoury.strike(Stage.CALL, "getReport", ("it",), SALES) for _ in range(3)]
    assert [fault is not None for fault in strikes] == [True, True, False]
    assert armoury.waiting() == []


def test_a_fault_for_any_operation_spares_logins_and_downloads() -> None:
    armoury = Armoury()
    armoury.arm([Fault(kind="http_500", times=9)])
    assert armoury.strike(Stage.CALL, "requestAccessToken") is None
    assert armoury.strike(Stage.CALL, "downloadDocument") is None
    assert armoury.strike(Stage.CALL, "getReports") is not None


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "meteor"},
        {"kind": "http_500", "operation": "getEverything"},
        {"kind": "document_html", "operation": "getReport"},
        {"kind": "http_500", "times": 0},
    ],
)
def test_faults_that_make_no_sense_are_refused(order: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(order)


def test_report_faults_decide_what_becomes_of_a_report(simulation: Simulation, manual_time: ManualTime) -> None:
    simulation.armoury.arm(
        [
            Fault(kind="report_fatal", text="out of luck"),
            Fault(kind="report_cancelled"),
            Fault(kind="report_stuck"),
        ]
    )
    fatal, cancelled, stuck, sound = (ask(simulation) for _ in range(4))
    manual_time.seconds += 86_400
    pace = simulation.clock.pace()
    assert [report.status(pace) for report in (fatal, cancelled, stuck, sound)] == [
        "FATAL",
        "CANCELLED",
        "IN_QUEUE",
        "DONE",
    ]
    assert read_document(simulation, fatal) == {"errorDetails": "out of luck"}


def spoilt(simulation: Simulation, kind: str) -> bytes:
    report = ask(simulation)
    return spoil(document_bytes(simulation, report), Fault.model_validate({"kind": kind}), SALES)


def test_spoilt_bytes_are_no_documents(simulation: Simulation) -> None:
    with pytest.raises(EOFError):
        gzip.decompress(spoilt(simulation, "document_truncated"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(gzip.decompress(spoilt(simulation, "document_json_cut")))
    assert spoilt(simulation, "document_html").startswith(b"<!DOCTYPE html>")
    assert spoilt(simulation, "document_xml").startswith(b"<?xml")


def test_spoilt_rows_differ_from_sound_ones_as_named(simulation: Simulation) -> None:
    sound = read_document(simulation, ask(simulation))
    rows = sound["salesByAsin"]

    def document(kind: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(gzip.decompress(spoilt(simulation, kind)))
        return found

    def changed(kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = document(kind)["salesByAsin"]
        return found

    assert document("document_wrong_marketplace")["reportSpecification"]["marketplaceIds"] == ["A1AM78C64UM0Y8"]
    assert sum("shippedUnits" not in row for row in changed("document_missing_field")) == 1
    assert [row["shippedUnits"] for row in changed("document_string_for_number")].count("n/a") == 1
    assert changed("document_duplicate_row") == [*rows, rows[0]]
    assert all("newMetric" in row for row in changed("document_unknown_field"))
    assert changed("document_half_rows") == rows[::2]
    assert {row["startDate"] for row in rows} - {row["startDate"] for row in changed("document_empty_day")} == {
        "2026-11-19"
    }
    odd = "".join(row["asin"] for row in changed("document_odd_asin")[:6])
    assert all(piece in odd for piece in ('"', "\t", "\\.", "%s"))


def test_a_configuration_is_read_and_its_secrets_stay_hidden(tmp_path: Path, make_account: MakeAccount) -> None:
    secret = secrets.token_hex(12)
    account = make_account().model_dump(mode="json") | {"client_secret": secret, "refresh_token": secret}
    path = tmp_path / "simulator.yml"
    path.write_text(yaml.safe_dump({"start_date": START_DATE, "control_token": secret, "accounts": [account]}))
    config = read_config(path)
    assert config.accounts[0].refresh_token.get_secret_value() == secret
    assert config.clock.now is None
    assert secret not in repr(config)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "not YAML"),
        ("start_date: 2024-01-01", "accounts"),
        ("{start_date: 2024-01-01, control_token: x, accounts: [], surprise: 1}", "surprise"),
    ],
)
def test_a_bad_configuration_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "simulator.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=problem):
        read_config(path)


def test_accounts_that_contradict_each_other_are_refused(make_account: MakeAccount) -> None:
    token = secrets.token_hex(8)

    def config(*accounts: object) -> SimulatorConfig:
        return SimulatorConfig.model_validate(
            {"start_date": START_DATE, "control_token": "x", "accounts": list(accounts)}
        )

    with pytest.raises(ValidationError, match="stands twice"):
        config(make_account(), make_account())
    with pytest.raises(ValidationError, match="repeats a refresh token"):
        config(make_account("a", refresh_token=token), make_account("b", refresh_token=token))
    with pytest.raises(ValidationError, match="under other client or roles"):
        config(
            make_account("a", refresh_token=token),
            make_account("b", refresh_token=token, marketplace_id="A1PA6795UKMFR9"),
        )
    with pytest.raises(ValidationError, match="no IANA time zone"):
        make_account("a", time_zone="Mars/Olympus")
