"""Looks at pages against the simulator with the real client: what core holds, what a kill repeats, what is unknown."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from daybreak.landing.files import read_document
from daybreak.landing.parts import Parts
from daybreak.spapi.catalogue import fetch_pages
from daybreak.spapi.content import fetch_content_products
from daybreak.spapi.failures import Kind, NotFound, SpApiFailure
from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps import page_collecting
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.missing_access import read_missing_access
from tests.morning import Morning

NO_SUCH_ASIN = "B0NOSUCH01"
_KNOWN_ASINS: dict[str, list[str]] = {}
"""By simulator: what its reports name, pulled once."""
KEY_ATTRIBUTES = {"brand", "manufacturer", "part_number", "item_weight", "country_of_origin"}
SEARCHES = ("searchCatalogItems", "searchContentDocuments", "listContentDocumentAsinRelations")


class Killed(BaseException):
    """Stands for a kill -9: nothing in the code may catch it."""


@pytest.fixture
def pages(morning: Morning) -> Morning:
    """A morning that looks at pages only, of an account whose reports have named its products."""
    address = morning.simulator.base_url
    if address not in _KNOWN_ASINS:
        morning.dataset_codes = frozenset({"inventory_daily"})
        morning.run()
        _KNOWN_ASINS[address] = [asin for (asin,) in morning.rows("select distinct asin from core.product order by 1")]
    else:
        name_products(morning, *_KNOWN_ASINS[address])
    assert len(_KNOWN_ASINS[address]) > 40
    morning.dataset_codes = frozenset({"content_snapshot"})
    return morning


def name_products(morning: Morning, *asins: str) -> None:
    with psycopg.connect(morning.dsn, autocommit=True) as connection:
        connection.cursor().executemany(
            "insert into core.product (account_id, asin, valid_from_date) values ('demo_it', %(asin)s, '1970-01-01')",
            [{"asin": asin} for asin in asins],
        )


def calls(morning: Morning) -> Counter[str]:
    """How often each operation was answered so far."""
    account = morning.simulator.control("GET", "/state")["calls"].get("demo_it", {})
    return Counter({name: account.get(name, {}).get("statuses", {}).get("200", 0) for name in SEARCHES})


def core(morning: Morning) -> dict[str, dict[str, Any]]:
    """The published pages by ASIN."""
    with psycopg.connect(morning.dsn, row_factory=dict_row) as connection:
        return {row["asin"]: row for row in connection.execute("select * from core.content_snapshot")}


def landed_items(morning: Morning) -> dict[str, Any]:
    """By ASIN the items of the landed document, read by the plain json module."""
    [(path, sha256)] = morning.rows("select path, sha256 from ops.document where dataset_code = 'content_snapshot'")
    lines = bytes(read_document(morning.settings.landing, path, sha256, limit_bytes=1 << 30)).splitlines()
    answers = [line["answer"] for line in map(json.loads, lines) if line["operation"] == "searchCatalogItems"]
    return {item["asin"]: item for answer in answers for item in answer["items"]}


def quarantined(morning: Morning) -> dict[str | None, str]:
    return dict(morning.rows("select asin, reason from ops.quarantine"))


def load_states(morning: Morning) -> list[tuple[Any, ...]]:
    return morning.rows(
        "select status_code, verdict_code from ops.load where dataset_code = 'content_snapshot' order by load_id"
    )


def look(morning: Morning) -> None:
    """One whole look, published whatever its gate flagged."""
    assert morning.plan() == 1
    assert morning.extract().failures == []
    assert morning.gate_and_publish()[0] == []


def test_every_page_is_seen_once_and_core_holds_what_amazon_answered(pages: Morning) -> None:
    parent = next(
        related["parentAsins"][0]
        for item in json.loads(fetch_pages(pages.session, _KNOWN_ASINS[pages.simulator.base_url][:20]))["items"]
        for place in item["relationships"]
        for related in place["relationships"]
        if related["type"] == "VARIATION" and "parentAsins" in related
    )
    own = _KNOWN_ASINS[pages.simulator.base_url][0]
    pages.account = pages.account.model_copy(update={"watch_list": {own: {parent: 1, own: 2}}})
    name_products(pages, NO_SUCH_ASIN, "odd, one")
    before = calls(pages)
    look(pages)
    rows, items = core(pages), landed_items(pages)
    asins = {*_KNOWN_ASINS[pages.simulator.base_url], parent, NO_SUCH_ASIN}
    assert set(rows) == asins
    assert {asin for asin, row in rows.items() if row["page_status_code"] == "not_found"} == asins - set(items)
    assert NO_SUCH_ASIN not in items
    assert (calls(pages) - before)["searchCatalogItems"] == -(-len(asins) // 20)
    for asin, item in items.items():
        row, values = rows[asin], item["attributes"]
        assert row["title"] == item["summaries"][0]["itemName"]
        local = [each["value"] for each in values.get("bullet_point", []) if each["language_tag"] == "it_IT"]
        assert row["bullets"] == local
        listed = item["images"][0]["images"]
        largest = {
            each["variant"]: (each["width"], each["height"]) for each in sorted(listed, key=lambda i: i["width"])
        }
        assert {each["variant"]: (each["width"], each["height"]) for each in row["images"]} == largest
        assert set(row["attributes"]) == set(values) & KEY_ATTRIBUTES
    assert rows[parent]["has_a_plus"] is None
    assert Counter(row["page_status_code"] for row in rows.values())["live"] > 40
    assert load_states(pages) == [("published", "pass")]
    assert pages.plan() == 0


def test_a_plus_content_by_document_is_what_each_product_says_of_itself(pages: Morning) -> None:
    look(pages)
    told = {asin: row["has_a_plus"] for asin, row in core(pages).items()}

    def is_published(asin: str) -> bool:
        operation = OPERATIONS["searchContentPublishRecords"]
        answer = pages.session.call(operation, asin=asin, marketplaceId=pages.session.marketplace_id)
        return bool(answer["publishRecordList"])

    assert told == {asin: is_published(asin) for asin in told}
    assert set(told.values()) == {True, False}


@pytest.mark.parametrize("at_part", [0, 1, 3, 4, 6])
@pytest.mark.parametrize("is_written", [True, False])
def test_a_kill_at_any_part_repeats_no_finished_call(
    pages: Morning, monkeypatch: pytest.MonkeyPatch, at_part: int, is_written: bool
) -> None:
    pages.plan()
    write = Parts.write

    def die(parts: Parts, number: int, lines: list[bytes]) -> None:
        if number == at_part and not is_written:
            raise Killed
        write(parts, number, lines)
        if number == at_part:
            raise Killed

    untouched = calls(pages)
    monkeypatch.setattr(Parts, "write", die)
    with pytest.raises(Killed):
        pages.extract()
    spent = calls(pages) - untouched
    assert spent.total() == at_part
    monkeypatch.setattr(Parts, "write", write)
    assert pages.extract().failures == []
    repeated = 0 if is_written or at_part == 0 else 1
    after = calls(pages) - untouched
    batches = -(-len(_KNOWN_ASINS[pages.simulator.base_url]) // 20)
    pages.gate_and_publish()
    assert set(core(pages)) == set(_KNOWN_ASINS[pages.simulator.base_url])
    assert after.total() == batches + 1 + documents_of(pages) + repeated
    assert {row["has_a_plus"] for row in core(pages).values()} == {True, False}
    assert not pages.settings.landing.joinpath(".collections", "demo_it").is_dir() or not list(
        pages.settings.landing.joinpath(".collections", "demo_it").iterdir()
    )


def documents_of(morning: Morning) -> int:
    answer = morning.session.call(OPERATIONS["searchContentDocuments"], marketplaceId=morning.session.marketplace_id)
    return len(answer["contentMetadataRecords"])


@pytest.mark.parametrize("operation", ["searchContentDocuments", "listContentDocumentAsinRelations"])
@pytest.mark.parametrize("kind", ["role_missing", "answer_html", "answer_cut"])
def test_without_a_plus_content_the_pages_are_there_and_it_is_unknown(
    pages: Morning, operation: str, kind: str
) -> None:
    pages.fault(kind, operation=operation)
    look(pages)
    rows = core(pages)
    assert set(rows) == set(_KNOWN_ASINS[pages.simulator.base_url])
    assert {row["has_a_plus"] for row in rows.values()} == {None}
    assert load_states(pages) == [("published", "pass")]


def test_a_single_refusal_of_the_catalogue_is_asked_about_once_more_and_costs_nothing(pages: Morning) -> None:
    pages.plan()
    pages.fault("role_missing", operation="searchCatalogItems", times=1)
    assert pages.extract().failures == []
    pages.gate_and_publish()
    assert len(core(pages)) > 40


def test_without_the_role_for_the_catalogue_nothing_is_published_and_the_next_run_after_a_day_asks_anew(
    pages: Morning,
) -> None:
    pages.plan()
    pages.fault("role_missing", operation="searchCatalogItems", times=2)
    assert pages.extract().failures == []
    pages.gate_and_publish()
    assert core(pages) == {}
    with transaction(pages.dsn) as connection:
        missing = read_missing_access(connection, pages.account.account_id)["content_snapshot"]
    assert missing.role_name == "Product Listing"
    assert "searchCatalogItems" in missing.reason
    assert pages.plan() == 0
    assert pages.plan(refetch=True) == 1


def test_what_amazon_may_give_later_is_waited_for_and_then_gone_without(
    pages: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.plan()
    pages.fault("http_503_html", operation="searchContentDocuments", times=2)
    progress = pages.extraction.advance()
    assert (progress.open_requests, progress.landed, progress.failures) == (1, 0, [])
    monkeypatch.setattr(page_collecting, "PATIENCE", timedelta(0))
    assert pages.extract().failures == []
    pages.gate_and_publish()
    assert len(core(pages)) > 40
    assert {row["has_a_plus"] for row in core(pages).values()} == {None}


def test_a_batch_that_is_refused_costs_its_products_only_and_the_next_run_of_the_day_completes_it(
    pages: Morning,
) -> None:
    pages.plan()
    pages.fault("answer_html", operation="searchCatalogItems")
    assert pages.extract().failures == []
    first = _KNOWN_ASINS[pages.simulator.base_url][:20]
    reasons = quarantined(pages)
    assert sorted(filter(None, reasons)) == first
    assert all("Amazon did not answer for it" in reason for reason in reasons.values())
    # What Amazon answered is right as it stands: it is published, and the rest of the day stays owed.
    assert pages.gate_and_publish()[0] == []
    known = set(_KNOWN_ASINS[pages.simulator.base_url])
    assert set(core(pages)) == known - set(first)
    assert pages.rows(
        "select undelivered_row_count, verdict_code from ops.load where dataset_code = 'content_snapshot'"
    )[-1] == (20, "flag")
    look(pages)
    assert set(core(pages)) == known
    assert pages.plan() == 0


def test_a_second_look_that_is_refused_elsewhere_loses_nothing_that_the_first_one_saw(pages: Morning) -> None:
    known = _KNOWN_ASINS[pages.simulator.base_url]
    pages.plan()
    pages.fault("answer_html", operation="searchCatalogItems")
    assert pages.extract().failures == []
    pages.gate_and_publish()
    seen = core(pages)
    refused = known[20:40]

    def refuse(session: SellingPartnerSession, asins: tuple[str, ...], token: str | None) -> bytes:
        if set(asins) & set(refused):
            raise SpApiFailure(kind=Kind.SKIP, message="refused", advice="nothing", operation="searchCatalogItems")
        return fetch_pages(session, asins, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_collecting, "fetch_pages", refuse)
        look(pages)
    rows = core(pages)
    assert set(rows) == set(known)
    assert {asin: rows[asin] for asin in refused} == {asin: seen[asin] for asin in refused}


def test_a_few_products_that_amazon_refuses_for_good_do_not_keep_the_day_owed(
    pages: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _KNOWN_ASINS[pages.simulator.base_url]
    one = known[0]

    def hide(session: SellingPartnerSession, asins: tuple[str, ...], token: str | None) -> bytes:
        answer = json.loads(fetch_pages(session, asins, token))
        kept = [item for item in answer["items"] if item["asin"] != one]
        return json.dumps(answer | {"items": kept}).encode()

    monkeypatch.setattr(page_collecting, "fetch_pages", hide)
    look(pages)
    assert set(core(pages)) == set(known) - {one}
    assert len(known) > 20
    assert pages.plan() == 0


def test_when_every_batch_is_refused_the_look_has_failed(pages: Morning) -> None:
    pages.plan()
    pages.fault("answer_html", operation="searchCatalogItems", times=9)
    [failure] = pages.extract().failures
    assert "Amazon answered for no product" in failure
    pages.simulator.control("DELETE", "/faults")
    look(pages)


@pytest.mark.parametrize("pages_seen", [0, 1])
def test_a_day_that_is_over_is_not_looked_at_any_more(
    pages: Morning, monkeypatch: pytest.MonkeyPatch, pages_seen: int
) -> None:
    pages.plan()
    [(today,)] = pages.rows("select window_start_date from ops.report_request where status_code = 'asked'")
    asked: list[int] = []

    def local(instant: datetime, zone: str) -> date:
        asked.append(1)
        return today if len(asked) <= pages_seen else today + timedelta(days=1)

    monkeypatch.setattr(page_collecting, "local_date", local)
    assert pages.extract().failures == []
    if pages_seen == 0:
        assert pages.rows(
            "select business_date, status_code from ops.slice where dataset_code = 'content_snapshot'"
        ) == [(today, "no_data")]
        [(status, reason)] = pages.rows(
            "select status_code, reason from ops.report_request where window_end_date = %(d)s", d=today
        )
        assert (status, reason) == ("no_data", f"{today} ended before Amazon answered for a page")
        assert pages.plan() == 0
        return
    asins = _KNOWN_ASINS[pages.simulator.base_url]
    assert quarantined(pages) == dict.fromkeys(asins[20:], "nobody asked for its page before the day ended")
    [load] = pages.rows("select row_count, staged_row_count from ops.load where dataset_code = 'content_snapshot'")
    assert load == (len(asins), 20)


def test_pages_that_go_in_a_circle_end_and_are_told(pages: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"contentMetadataRecords": [], "nextPageToken": "again"}
    monkeypatch.setattr(page_collecting, "fetch_content_documents", lambda *_: json.dumps(answer).encode())
    look(pages)
    assert {row["has_a_plus"] for row in core(pages).values()} == {None}
    assert len(core(pages)) > 40


def test_a_search_that_goes_in_a_circle_ends_and_what_it_does_not_name_is_unknown(
    pages: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_products(pages, NO_SUCH_ASIN)

    def circle(*arguments: Any) -> bytes:
        return json.dumps(json.loads(fetch_pages(*arguments[:2])) | {"pagination": {"nextToken": "again"}}).encode()

    monkeypatch.setattr(page_collecting, "fetch_pages", circle)
    pages.plan()
    before = calls(pages)
    assert pages.extract().failures == []
    assert (calls(pages) - before)["searchCatalogItems"] == 2 * -(
        -(len(_KNOWN_ASINS[pages.simulator.base_url]) + 1) // 20
    )
    assert "go in a circle" in quarantined(pages)[NO_SUCH_ASIN]


def test_reports_are_asked_for_before_a_look_begins(pages: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise Killed

    pages.dataset_codes = frozenset({"traffic_daily", "content_snapshot"})
    pages.plan()
    monkeypatch.setattr(Parts, "write", die)
    with pytest.raises(Killed):
        pages.extraction.advance()
    query = "select distinct status_code from ops.report_request where dataset_code = 'traffic_daily'"
    assert pages.rows(query) == [("waiting",)]


def test_a_document_that_is_gone_between_two_calls_leaves_the_others_known(
    pages: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []

    def fetch(session: SellingPartnerSession, content_key: str, page_token: str | None) -> bytes:
        if not gone:
            gone.append(content_key)
            raise NotFound(
                kind=Kind.SKIP, message="gone", advice="nothing", operation="listContentDocumentAsinRelations"
            )
        return fetch_content_products(session, content_key, page_token)

    monkeypatch.setattr(page_collecting, "fetch_content_products", fetch)
    look(pages)
    assert len(gone) == 1
    assert {row["has_a_plus"] for row in core(pages).values()} == {True, False}


def test_on_a_first_morning_the_staged_reports_name_the_products(morning: Morning) -> None:
    morning.dataset_codes = frozenset({"inventory_daily", "content_snapshot"})
    morning.plan()
    first = morning.extraction.advance()
    assert first.open_requests == 2
    assert first.wake_seconds == 60.0
    assert morning.extract().failures == []
    morning.gate_and_publish()
    rows = morning.rows("select asin from core.content_snapshot order by asin")
    assert rows == morning.rows("select asin from core.product order by asin")
    assert len(rows) > 40


def test_without_any_product_the_look_is_skipped_and_asked_for_by_the_next_run(morning: Morning) -> None:
    morning.dataset_codes = frozenset({"content_snapshot"})
    morning.plan()
    [failure] = morning.extract().failures
    assert "no product is known yet" in failure
    assert morning.plan() == 1


# Of each spoilt answer about the first 20 of some fifty products: how many rows it costs, the verdict, and its words.
SPOILT: dict[str, tuple[int, str, str]] = {
    "answer_image_without_size": (0, "pass", ""),
    "answer_title_markup": (0, "flag", ""),
    "answer_unknown_locale": (0, "pass", ""),
    "answer_null_sections": (0, "pass", ""),
    "answer_unknown_field": (0, "pass", ""),
    "answer_duplicate_item": (1, "flag", "the item stands twice, word for word"),
    "answer_missing_asin": (2, "flag", "required field is missing"),
    "answer_half_items": (10, "flag", "gives 10 of 20 items"),
    "answer_odd_asin": (12, "block", "was not asked for"),
    "answer_wrong_marketplace": (20, "block", "asked APJ6JRA9NG5V4, got A1AM78C64UM0Y8"),
    "answer_text_for_number": (20, "block", "Expected int | null, got str"),
}


@pytest.mark.parametrize("kind", sorted(SPOILT))
def test_a_spoilt_answer_costs_what_it_spoils_and_says_so(pages: Morning, kind: str) -> None:
    lost, verdict, says = SPOILT[kind]
    pages.plan()
    pages.fault(kind, operation="searchCatalogItems")
    assert pages.extract().failures == []
    pages.gate_and_publish()
    [(refused, judged)] = pages.rows(
        "select quarantined_row_count, verdict_code from ops.load where dataset_code = 'content_snapshot'"
    )
    assert (refused, judged) == (lost, verdict)
    assert not lost or any(says in reason for (reason,) in pages.rows("select reason from ops.quarantine"))
    rows = core(pages)
    if verdict == "block":
        assert rows == {}
        return
    assert {row["page_status_code"] for row in rows.values()} == {"live"}
    spoilt = [rows[asin] for asin in _KNOWN_ASINS[pages.simulator.base_url][:20] if asin in rows]
    if kind == "answer_image_without_size":
        assert {(each["width"], each["height"]) for row in spoilt for each in row["images"]} == {(None, None)}
    if kind == "answer_title_markup":
        assert {len(row["title"]) for row in spoilt} == {4_000}
    if kind == "answer_unknown_locale":
        assert not any(row["bullets"] for row in spoilt)
        assert any(row["bullets"] is None for row in spoilt)
    if kind == "answer_null_sections":
        assert {(row["title"], row["sales_rank"], row["parent_asin"]) for row in spoilt} == {(None, None, None)}
