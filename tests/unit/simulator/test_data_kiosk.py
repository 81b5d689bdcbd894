"""Data Kiosk: queries are read strictly, answered with what was asked for, and fail as Amazon's do."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.downloads import query_bytes
from simulator.faults.armoury import Fault
from simulator.faults.spoilers import spoil
from simulator.graphql_text import GraphqlError, read_query, shortened
from simulator.kiosk_book import KioskQuery
from simulator.kiosk_listing import list_queries, read_query_listing
from simulator.kiosk_query import DOMAIN, QueryFailure, QueryRefusedError, read_analytics
from simulator.kiosk_requests import accept, read_body
from simulator.refusals import Refusal
from simulator.simulation import Simulation
from simulator.world.analytics import AnalyticsQuestion
from simulator.world.history import AccountWorld

from .conftest import NOW, ManualTime

TRAFFIC = "groupByKey { asin } metrics { traffic { glanceViews lostFeaturedOffer } }"
FIELDS = f"startDate endDate marketplaceId totals {{ traffic {{ glanceViews }} }} metrics {{ {TRAFFIC} }}"


def text(
    first: str = "2026-11-10",
    last: str = "2026-11-12",
    fields: str = FIELDS,
    view: str = "manufacturingView",
    **more: str,
) -> str:
    arguments = {
        "startDate": f'"{first}"',
        "endDate": f'"{last}"',
        "aggregateBy": "DAY",
        "currencyCode": '"EUR"',
    } | more
    told = ", ".join(f"{name}: {value}" for name, value in arguments.items() if value)
    return f"query Loss {{ {DOMAIN} {{ {view}({told}) {{ {fields} }} }} }}"


def ask(simulation: Simulation, query: str) -> KioskQuery:
    credential = simulation.logins.find(simulation.config.accounts[0].refresh_token.get_secret_value())
    assert credential is not None
    return accept(simulation, credential, read_body(json.dumps({"query": query}).encode()))


def finish(query: KioskQuery, manual_time: ManualTime) -> None:
    manual_time.seconds += query.end_pace - query.created_pace + 1


def lines_of(simulation: Simulation, query: KioskQuery) -> list[dict[str, Any]]:
    plain = gzip.decompress(query_bytes(simulation, query))
    assert plain.endswith(b"\n")
    return [json.loads(line) for line in plain.splitlines()]


@pytest.mark.parametrize("separator", [" ", "\n  ", ",", " # a remark\n"])
def test_a_query_reads_the_same_however_it_is_spaced(separator: str) -> None:
    fields = read_query(f'query{{a(b:"c"{separator}d:E){{f{separator}g{{h}}}}}}')
    assert [fields[0].name, dict(fields[0].arguments)] == ["a", {"b": "c", "d": "E"}]
    assert [item.name for item in fields[0].fields] == ["f", "g"]
    assert fields[0].fields[1].fields[0].name == "h"


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "query",
        "{}",
        "{ a",
        "{ a { } }",
        "{ a(b) }",
        "{ a(b:) }",
        "{ a } }",
        "mutation { a }",
        "{ x: a }",
        "{ ...F }",
    ],
)
def test_what_is_no_query_is_refused(broken: str) -> None:
    with pytest.raises(GraphqlError):
        read_query(broken)


@given(st.text())
def test_any_text_is_read_or_refused(anything: str) -> None:
    try:
        fields = read_query(anything)
    except GraphqlError:
        return
    assert fields


def test_unnecessary_whitespace_does_not_count() -> None:
    assert shortened("{ a ( b : 1 ) \n { c  d } }") == "{a(b:1){c d}}"
    padded = text(fields=FIELDS + " " * 9000)
    assert isinstance(read_analytics(padded, NOW, "Europe/Rome"), AnalyticsQuestion)
    with pytest.raises(QueryRefusedError, match="8000"):
        read_analytics(text() + "#" * 8000, NOW, "Europe/Rome")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ sampleQuery }", "Query 'sampleQuery' is not supported."),
        (text(view="brandView"), "undefined"),
        (text(fields="startDate surprise"), "'surprise'"),
        (text(fields="startDate { day }"), "no subfields"),
        (text(fields="metrics { groupByKey { asin } metrics }"), "must have a selection"),
        (text(fields="metrics { metrics { traffic { glanceViews } } }"), "groupByKey"),
        (text(fields="startDate startDate"), "twice"),
        (text(view="sourcingView"), "'traffic'"),
        (text(aggregateBy="YEAR"), "DateGranularity"),
        (text(aggregateBy=""), "Missing field argument 'aggregateBy'"),
        (text(currencyCode='"ZZZ"'), "currency"),
        (text(first="yesterday"), "'startDate' is not a valid 'Date'"),
        (text(viewBy="ASIN"), "'viewBy'"),
    ],
)
def test_what_the_schema_does_not_know_is_refused_at_once(simulation: Simulation, query: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask(simulation, query)
    assert (refused.value.status, refused.value.code) == (400, "InvalidInput")
    assert refused.value.message == "The provided query is invalid."
    assert reason in refused.value.details


@pytest.mark.parametrize("body", [b"no json", b"{}", b'{"query": 1}', b'{"query": "{a}", "paginationToken": "x"}'])
def test_bodies_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_body(body)
    assert refused.value.status == 400


def two_views() -> str:
    one = text().removesuffix(" } }").split("{", 2)[2]
    return f"query {{ {DOMAIN} {{ {one} {one} }} }}"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (text("2026-11-12", "2026-11-10"), "The end date must not be before the start date."),
        (text("2024-11-01", "2024-11-02"), "The start date must be no more than two years ago."),
        (two_views(), "Versioned domain cannot select multiple query fields"),
    ],
)
def test_what_the_source_cannot_answer_goes_fatal_with_a_document(
    simulation: Simulation, manual_time: ManualTime, query: str, message: str
) -> None:
    asked = ask(simulation, query)
    finish(asked, manual_time)
    body = asked.describe(simulation.clock.pace())
    assert body["processingStatus"] == "FATAL"
    assert body["errorDocumentId"] == asked.document_id
    assert "dataDocumentId" not in body
    entries = json.loads(gzip.decompress(query_bytes(simulation, asked)))
    assert [entry["message"] for entry in entries] == [message]
    assert entries[0].keys() == {"message", "locations", "path", "extensions"}
    assert entries[0]["path"][0] == DOMAIN
    assert entries[0]["locations"][0].keys() == {"line", "column"}


def test_a_query_waits_works_and_is_done(simulation: Simulation, manual_time: ManualTime) -> None:
    asked = ask(simulation, text())
    seen = [asked.describe(simulation.clock.pace())]
    for moment in (asked.start_pace, asked.end_pace):
        manual_time.seconds += moment - simulation.clock.pace() + 0.001
        seen.append(asked.describe(simulation.clock.pace()))
    assert [body["processingStatus"] for body in seen] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert ["dataDocumentId" in body for body in seen] == [False, False, True]
    assert ["processingStartTime" in body for body in seen] == [False, True, True]
    assert seen[2]["query"] == text()
    assert seen[2]["createdTime"] == "2026-11-23T04:15:00.000Z"


def test_there_is_a_line_per_day_with_the_fields_asked_for_and_no_other(
    simulation: Simulation, manual_time: ManualTime
) -> None:
    lines = lines_of(simulation, ask(simulation, text()))
    assert [line["startDate"] for line in lines] == ["2026-11-10", "2026-11-11", "2026-11-12"]
    for line in lines:
        assert list(line) == ["startDate", "endDate", "marketplaceId", "totals", "metrics"]
        assert (line["endDate"], line["marketplaceId"]) == (line["startDate"], "APJ6JRA9NG5V4")
        assert list(line["totals"]) == ["traffic"]
        for row in line["metrics"]:
            assert [list(row), list(row["metrics"])] == [["groupByKey", "metrics"], ["traffic"]]
            assert list(row["metrics"]["traffic"]) == ["glanceViews", "lostFeaturedOffer"]
    turned = lines_of(simulation, ask(simulation, text(fields=f"metrics {{ {TRAFFIC} }} endDate")))
    assert [list(line) for line in turned] == [["metrics", "endDate"]] * 3
    assert [line["metrics"] for line in turned] == [line["metrics"] for line in lines]


def test_lost_views_are_those_without_amazons_offer(simulation: Simulation, world: AccountWorld) -> None:
    place = {asin: index for index, asin in enumerate(world.catalogue.asins)}
    lost = 0
    for line in lines_of(simulation, ask(simulation, text("2026-11-01", "2026-11-14"))):
        day = date.fromisoformat(line["startDate"])
        span = world.span(day, day)
        for row in line["metrics"]:
            index = place[row["groupByKey"]["asin"]]
            featured = float(span["featured_share"][0, index])
            views = int(span["all_views"][0, index])
            told = row["metrics"]["traffic"]
            if views == 0:
                assert told == {"glanceViews": None, "lostFeaturedOffer": None}
                continue
            assert told["lostFeaturedOffer"] == pytest.approx(1 - featured, abs=1e-3)
            assert 0.97 * views * featured - 0.51 <= (told["glanceViews"] or 0) <= views * featured + 0.51
            assert told["glanceViews"] != 0
            lost += featured < 0.9
    assert lost > 0


def test_glance_views_are_another_count_than_the_traffic_reports(simulation: Simulation, world: AccountWorld) -> None:
    lines = lines_of(simulation, ask(simulation, text("2026-10-01", "2026-10-20")))
    kiosk = [line["totals"]["traffic"]["glanceViews"] for line in lines]
    report = [
        int(world.span(day, day)["views"].sum())
        for day in map(date.fromisoformat, (line["startDate"] for line in lines))
    ]
    assert kiosk != report
    assert 0.9 < sum(kiosk) / sum(report) < 1.05


def test_weeks_and_months_are_one_line_each_and_end_with_the_question(simulation: Simulation) -> None:
    weeks = lines_of(simulation, ask(simulation, text("2026-10-04", "2026-10-20", aggregateBy="WEEK")))
    assert [(line["startDate"], line["endDate"]) for line in weeks] == [
        ("2026-10-04", "2026-10-10"),
        ("2026-10-11", "2026-10-17"),
        ("2026-10-18", "2026-10-20"),
    ]
    months = lines_of(simulation, ask(simulation, text("2026-09-01", "2026-10-31", aggregateBy="MONTH")))
    assert [line["endDate"] for line in months] == ["2026-09-30", "2026-10-31"]


MONEY = "totals { orders { orderedUnitsWithRevenue { units value { currencyCode amount } } } }"


def test_amounts_are_dollars_unless_a_currency_is_named(simulation: Simulation) -> None:
    def value(**more: str) -> dict[str, Any]:
        line = lines_of(simulation, ask(simulation, text(last="2026-11-10", fields=MONEY, **more)))[0]
        found: dict[str, Any] = line["totals"]["orders"]["orderedUnitsWithRevenue"]["value"]
        return found

    dollars, euros = value(currencyCode=""), value()
    assert list(euros) == ["currencyCode", "amount"]
    assert (dollars["currencyCode"], euros["currencyCode"]) == ("USD", "EUR")
    assert dollars["amount"] == pytest.approx(euros["amount"] * 1.1, abs=0.02)


def test_the_sourcing_view_has_no_traffic_and_other_products(simulation: Simulation, world: AccountWorld) -> None:
    fields = "metrics { groupByKey { asin } metrics { shippedOrders { shippedUnitsWithRevenue { units } } } }"
    asins = [
        {row["groupByKey"]["asin"] for line in lines_of(simulation, ask(simulation, query)) for row in line["metrics"]}
        for query in (text(fields=fields), text(fields=fields, view="sourcingView"))
    ]
    assert asins[0] & asins[1]
    assert asins[0] - asins[1]


def test_a_day_is_out_34_hours_after_its_end(simulation: Simulation, manual_time: ManualTime) -> None:
    """The 21st ends in Rome at 23:00 UTC; 34 hours later it is 09:00 UTC of the 23rd."""

    def days(now: datetime) -> list[str]:
        simulation.clock.set(now)
        return [line["startDate"] for line in lines_of(simulation, ask(simulation, text("2026-11-20", "2026-11-22")))]

    assert days(datetime(2026, 11, 23, 8, 59, tzinfo=UTC)) == ["2026-11-20"]
    assert days(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) == ["2026-11-20", "2026-11-21"]


def test_nothing_to_tell_is_done_without_a_document(simulation: Simulation, manual_time: ManualTime) -> None:
    asked = ask(simulation, text("2026-11-22", "2026-11-23"))
    finish(asked, manual_time)
    body = asked.describe(simulation.clock.pace())
    assert body["processingStatus"] == "DONE"
    assert not {"dataDocumentId", "errorDocumentId"} & set(body)
    assert simulation.kiosk.find_document(asked.document_id, asked.credential_key) is None


def test_queries_are_forgotten_after_30_days(simulation: Simulation, manual_time: ManualTime) -> None:
    asked = ask(simulation, text())
    manual_time.seconds += 30 * 86_400 - 5
    assert simulation.kiosk.find(asked.query_id, asked.credential_key) is asked
    assert simulation.kiosk.find(asked.query_id, "another") is None
    manual_time.seconds += 10
    assert simulation.kiosk.find(asked.query_id, asked.credential_key) is None
    assert simulation.kiosk.find_document(asked.document_id, asked.credential_key) is None


def test_a_query_can_be_cancelled_until_it_ends(simulation: Simulation, manual_time: ManualTime) -> None:
    waiting, working, done = (ask(simulation, text()) for _ in range(3))
    assert simulation.kiosk.cancel(waiting)
    assert simulation.kiosk.cancel(waiting)
    working.start_pace, done.start_pace, done.end_pace = (simulation.clock.pace() - 1,) * 3
    assert simulation.kiosk.cancel(working)
    assert not simulation.kiosk.cancel(done)
    pace = simulation.clock.pace()
    assert [query.status(pace) for query in (waiting, working, done)] == ["CANCELLED", "CANCELLED", "DONE"]
    manual_time.seconds += 86_400
    assert "processingStartTime" not in waiting.describe(simulation.clock.pace())
    assert "dataDocumentId" not in working.describe(simulation.clock.pace())


def test_pages_show_every_query_once_newest_first(simulation: Simulation, manual_time: ManualTime) -> None:
    created = [ask(simulation, text()).query_id for _ in range(7)]
    key = simulation.kiosk.newest_first(next(iter(simulation.kiosk)).credential_key)[0].credential_key
    shown: list[str] = []
    query = [("pageSize", "3"), ("processingStatuses", "IN_QUEUE,DONE")]
    while True:
        body = list_queries(simulation.kiosk, simulation.clock, key, read_query_listing(query))
        shown += [item["queryId"] for item in body["queries"]]
        if "pagination" not in body:
            break
        query = [("pageSize", "2"), query[1], ("paginationToken", body["pagination"]["nextToken"])]
    assert shown == created[::-1]
    done = read_query_listing([("processingStatuses", "DONE")])
    assert list_queries(simulation.kiosk, simulation.clock, key, done) == {"queries": []}


def test_a_page_token_is_good_with_its_own_filters_only(simulation: Simulation) -> None:
    for _ in range(3):
        ask(simulation, text())
    key = next(iter(simulation.kiosk)).credential_key
    first = list_queries(simulation.kiosk, simulation.clock, key, read_query_listing([("pageSize", "1")]))
    token = ("paginationToken", first["pagination"]["nextToken"])
    assert read_query_listing([token]).after_query_id
    for query in (
        [token, ("processingStatuses", "DONE")],
        [("paginationToken", "none")],
        [("pageSize", "0")],
        [("createdSince", "soon")],
        [("processingStatuses", "BROKEN")],
    ):
        with pytest.raises(Refusal) as refused:
            read_query_listing(query)
        assert refused.value.status == 400


def test_query_faults_decide_what_becomes_of_a_query(simulation: Simulation, manual_time: ManualTime) -> None:
    simulation.armoury.arm(
        [
            Fault(kind="query_fatal", text="out of luck"),
            Fault(kind="query_cancelled"),
            Fault(kind="query_stuck"),
            Fault(kind="query_without_document", report_type=DOMAIN),
        ]
    )
    fatal, cancelled, stuck, bare, sound = (ask(simulation, text()) for _ in range(5))
    manual_time.seconds += 86_400
    pace = simulation.clock.pace()
    statuses = [query.status(pace) for query in (fatal, cancelled, stuck, bare, sound)]
    assert statuses == ["FATAL", "CANCELLED", "IN_QUEUE", "DONE", "DONE"]
    assert json.loads(gzip.decompress(query_bytes(simulation, fatal)))[0]["message"] == "out of luck"
    assert "dataDocumentId" not in bare.describe(pace)
    assert "dataDocumentId" in sound.describe(pace)


def test_spoilt_lines_differ_from_sound_ones_as_named(simulation: Simulation) -> None:
    money = "startDate marketplaceId totals { traffic { glanceViews } costs { shippedCogs { amount currencyCode } } }"
    query = ask(simulation, text(fields=f"{money} metrics {{ {TRAFFIC} }}"))
    packed = query_bytes(simulation, query)
    sound = [json.loads(line) for line in gzip.decompress(packed).splitlines()]

    def plain(kind: str) -> bytes:
        return gzip.decompress(spoil(packed, Fault.model_validate({"kind": kind}), DOMAIN))

    def lines(kind: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in plain(kind).splitlines()]

    cut = plain("document_line_cut").splitlines()
    assert [json.loads(line) for line in cut[:-1]] == sound[:-1]
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut[-1])
    assert {line["marketplaceId"] for line in lines("document_wrong_marketplace")} == {"A1AM78C64UM0Y8"}
    wrong = lines("document_wrong_currency")[0]["totals"]["costs"]["shippedCogs"]
    assert wrong == {"amount": sound[0]["totals"]["costs"]["shippedCogs"]["amount"], "currencyCode": "USD"}
    assert all("totals" not in line for line in lines("document_without_aggregates"))
    assert lines("document_empty_day") == sound[:-1]
    assert [len(line["metrics"]) for line in lines("document_duplicate_row")] == [
        len(line["metrics"]) + 1 for line in sound
    ]
    texts = [row["metrics"]["traffic"]["glanceViews"] for row in lines("document_string_for_number")[0]["metrics"]]
    assert texts.count("n/a") == 1
    missing = [row["metrics"]["traffic"] for row in lines("document_missing_field")[0]["metrics"]]
    assert sum("glanceViews" not in traffic for traffic in missing) == 1
    assert "newMetric" in lines("document_unknown_field")[0]["metrics"][0]
    assert '"' in lines("document_odd_asin")[0]["metrics"][0]["groupByKey"]["asin"]
    assert lines("document_low_p90") == sound


def test_an_error_document_stays_sound(simulation: Simulation) -> None:
    failed = query_bytes(simulation, ask(simulation, text("2026-11-12", "2026-11-10")))
    spared = spoil(failed, Fault.model_validate({"kind": "document_duplicate_row"}), DOMAIN)
    assert json.loads(gzip.decompress(spared)) == json.loads(gzip.decompress(failed))


def test_a_leap_day_two_years_back_is_the_28th() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert isinstance(read_analytics(text("2026-02-28", "2026-02-28"), leap, "UTC"), AnalyticsQuestion)
    assert isinstance(read_analytics(text("2026-02-27", "2026-02-28"), leap, "UTC"), QueryFailure)
    plain = leap - timedelta(days=100)
    assert isinstance(read_analytics(text("2025-11-21", "2025-11-21"), plain, "UTC"), AnalyticsQuestion)
