"""Sweeps of offers against the simulator with the real client: what core holds, a kill repeats, and is left out."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from daybreak.business_dates import local_date, start_of_day
from daybreak.landing.files import read_document
from daybreak.landing.parts import Parts
from daybreak.spapi.failures import AccessDenied, Kind
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps import arrivals, sweep_planning, sweeping
from daybreak.steps.sweep_rounds import Rounds
from daybreak.steps.sweep_verdict import SweepIncomplete, judge_run
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.missing_access import allow_another_try, read_missing_access
from tests.simulator_process import SimulatorProcess, running_simulator, simulator_configuration
from tests.sweep_day import RETAIL, RUN, SweepDay


class Killed(BaseException):
    """Stands for a kill -9: nothing in the code may catch it."""


@pytest.fixture(scope="module")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A market so rough that at any hour some Buy Boxes are lost: the hour of the sweeps is that of the test."""
    configuration = simulator_configuration()
    configuration["world"]["incident_rates"] |= {"UNDERCUT": 1_000, "SUPPRESSED": 300}
    with running_simulator(configuration, tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


def landed_answers(day: SweepDay) -> Iterator[tuple[str, dict[str, Any]]]:
    """By instant every payload of the landed sweeps that went well, read by the plain json module."""
    query = "select path, sha256 from ops.document where dataset_code = 'offer_snapshot'"
    for path, sha256 in day.morning.rows(query):
        content = read_document(day.settings.landing, path, sha256, limit_bytes=1 << 30)
        for line in bytes(content).splitlines()[1:]:
            call = json.loads(line)
            if call["operation"] == "getItemOffersBatch":
                for part in call["answer"]["responses"]:
                    if part["status"]["statusCode"] == 200:
                        yield call["answered_at"], part["body"]["payload"]


def asins(day: SweepDay) -> set[str]:
    return {asin for (asin,) in day.morning.rows("select distinct asin from core.product")}


def judge(day: SweepDay) -> str:
    with transaction(day.morning.dsn) as connection:
        return judge_run(connection, RUN, sweep_planning.refused(connection, [day.account]))


def test_a_sweep_sees_every_product_once_and_core_holds_what_amazon_answered(sweep_day: SweepDay) -> None:
    [group] = sweep_day.plan()
    assert (group.credential_id, group.account_ids) == ("spapi_demo_it_seller", ("demo_it",))
    progress = sweep_day.sweep()
    assert progress.failures == []
    blocked, done = sweep_day.gate_and_publish()
    assert blocked == []
    assert [each.load.dataset_code for each in done] == ["offer_snapshot", "offer"]
    payloads = [payload for _, payload in landed_answers(sweep_day)]
    seen = sweep_day.morning.rows(
        "select asin, owner_code, winner_seller_id, has_amazon_offer from core.offer_snapshot"
    )
    assert {asin for asin, *_ in seen} == asins(sweep_day) == {payload["ASIN"] for payload in payloads}
    assert len(seen) == len(payloads) > 40
    listed = {
        (payload["ASIN"], offer["SellerId"], place, round(offer["ListingPrice"]["Amount"], 2))
        for payload in payloads
        for place, offer in enumerate(payload["Offers"], 1)
    }
    stored = sweep_day.morning.rows("select asin, seller_id, offer_index, listing_price_amount::float8 from core.offer")
    assert set(stored) >= listed
    assert {owner for _, owner, _, _ in seen} >= {"amazon"}
    assert all((winner == RETAIL) <= (owner == "amazon") for _, owner, winner, _ in seen)
    assert "products of 1 accounts were seen" in judge(sweep_day)
    assert not sweep_day.settings.landing.joinpath(".collections", "demo_it").exists() or not any(
        sweep_day.settings.landing.joinpath(".collections", "demo_it").iterdir()
    )


def test_only_what_is_not_plainly_ours_is_asked_for_twice(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.sweep()
    doubtful = {asin for operation, batch in sweep_day.asked if operation == "getCompetitiveSummary" for asin in batch}
    ours = {
        payload["ASIN"]
        for _, payload in landed_answers(sweep_day)
        if [offer["SellerId"] for offer in payload["Offers"] if offer["IsBuyBoxWinner"]] == [RETAIL]
    }
    assert doubtful
    assert doubtful & ours == set()


@pytest.mark.parametrize("at_part", [1, 2, 3])
@pytest.mark.parametrize("is_written", [True, False])
def test_a_kill_at_any_part_repeats_no_finished_call(
    sweep_day: SweepDay, monkeypatch: pytest.MonkeyPatch, at_part: int, is_written: bool
) -> None:
    sweep_day.plan()
    write = Parts.write

    def die(parts: Parts, number: int, lines: list[bytes]) -> None:
        if number == at_part and not is_written:
            raise Killed
        write(parts, number, lines)
        if number == at_part:
            raise Killed

    monkeypatch.setattr(Parts, "write", die)
    with pytest.raises(Killed):
        sweep_day.sweep()
    asked_before = list(sweep_day.asked)
    assert len(asked_before) == at_part
    monkeypatch.setattr(Parts, "write", write)
    assert sweep_day.sweep().failures == []
    kept = asked_before if is_written else asked_before[:-1]
    after = sweep_day.asked[len(asked_before) :]
    first = [asin for operation, batch in [*kept, *after] if operation == "getItemOffersBatch" for asin in batch]
    assert len(first) == len(set(first))
    assert set(first) == asins(sweep_day)
    assert set(kept).isdisjoint(after)
    blocked, done = sweep_day.gate_and_publish()
    assert (blocked, len(done)) == ([], 2)


def test_a_kill_after_landing_asks_amazon_nothing_again(sweep_day: SweepDay, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep_day.plan()
    stage = arrivals.stage_or_reject

    def die(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(arrivals, "stage_or_reject", die)
    with pytest.raises(Killed):
        sweep_day.sweep()
    monkeypatch.setattr(arrivals, "stage_or_reject", stage)
    asked = len(sweep_day.asked)
    assert sweep_day.extraction.arrivals.stage_landed() == []
    sweep_day.sweep()
    assert len(sweep_day.asked) == asked
    assert len(sweep_day.gate_and_publish()[1]) == 2


def test_a_sweep_whose_window_ends_lands_what_it_has_and_says_what_it_left_out(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    assert Rounds([sweep_day.extraction]).step() == 0.0
    [(_, seen)] = sweep_day.asked
    sweep_day.end_window()
    assert sweep_day.sweep().failures == []
    sweep_day.gate_and_publish()
    assert {asin for (asin,) in sweep_day.morning.rows("select asin from core.offer_snapshot")} == set(seen)
    gaps = sweep_day.morning.rows("select asin, reason_code from ops.sweep_gap order by asin")
    assert gaps == [(asin, "not_reached") for asin in sorted(asins(sweep_day) - set(seen))]
    with pytest.raises(SweepIncomplete, match=rf"did not reach {len(gaps)} products .*: {gaps[0][0]}"):
        judge(sweep_day)


def test_a_sweep_without_any_answer_fails_in_words_and_publishes_nothing(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.end_window()
    [failure] = sweep_day.sweep().failures
    assert "no product was answered for" in failure
    assert sweep_day.morning.rows("select load_id from ops.load where dataset_code like 'offer%%'") == []
    with pytest.raises(SweepIncomplete, match=r"demo_it sweep .* failed"):
        judge(sweep_day)


def test_a_product_that_amazon_fails_once_is_asked_for_once_more(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.morning.fault("answer_item_failed", operation="getItemOffersBatch")
    sweep_day.sweep()
    assert sweep_day.morning.rows("select asin from ops.sweep_gap") == []
    first = [asin for operation, batch in sweep_day.asked if operation == "getItemOffersBatch" for asin in batch]
    assert len(first) == len(set(first)) + 1


def test_a_product_that_amazon_keeps_failing_is_named_and_the_others_are_seen(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.morning.fault("answer_item_failed", operation="getItemOffersBatch", times=50)
    sweep_day.sweep()
    sweep_day.gate_and_publish()
    gaps = sweep_day.morning.rows("select asin, reason_code, reason from ops.sweep_gap")
    assert gaps
    assert all(code == "refused" and "InternalFailure" in reason for _, code, reason in gaps)
    seen = {asin for (asin,) in sweep_day.morning.rows("select asin from core.offer_snapshot")}
    assert seen == asins(sweep_day) - {asin for asin, _, _ in gaps}


@pytest.mark.parametrize(
    "kind",
    ["answer_price_zero", "answer_price_null", "answer_two_featured", "answer_no_offers", "answer_unknown_seller"],
)
def test_whatever_amazon_spoils_nothing_wrong_is_published(sweep_day: SweepDay, kind: str) -> None:
    sweep_day.plan()
    sweep_day.morning.fault(kind, operation="getItemOffersBatch", times=50)
    sweep_day.morning.fault(kind, operation="getCompetitiveSummary", times=50)
    assert sweep_day.sweep().failures == []
    blocked, _ = sweep_day.gate_and_publish()
    assert blocked == []
    rows = sweep_day.morning.rows(
        "select owner_code, winner_price_amount, is_split, offer_count from core.offer_snapshot"
    )
    assert len(rows) + sweep_day.morning.rows(
        "select count(*) from ops.quarantine q join ops.load l using (load_id) where l.dataset_code = 'offer_snapshot'"
    )[0][0] == len(asins(sweep_day))
    struck = {
        "answer_price_zero": [row for row in rows if row[0] in ("amazon", "own", "other") and row[1] is None],
        "answer_price_null": [row for row in rows if row[0] in ("amazon", "own", "other") and row[1] is None],
        "answer_two_featured": [row for row in rows if row[2]],
        "answer_no_offers": [row for row in rows if row[0] == "none" and row[3] == 0],
        "answer_unknown_seller": [row for row in rows if row[0] == "other"],
    }[kind]
    assert struck
    assert [row for row in rows if row[1] is not None and row[1] <= 0] == []


def test_rounds_gather_answers_at_the_pace_of_the_quota_and_the_task_lands_them(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    assert Rounds([sweep_day.extraction]).step() is not None
    rounds = Rounds([sweep_day.extraction])
    while (pause := rounds.step()) is not None:
        if pause:
            sweep_day.morning.let_pass(pause)
    asked = list(sweep_day.asked)
    assert sweep_day.extraction.advance().landed == 1
    assert sweep_day.asked == asked
    first = [asin for operation, batch in asked if operation == "getItemOffersBatch" for asin in batch]
    assert sorted(first) == sorted(asins(sweep_day))


def test_the_next_slot_looks_at_open_losses_only_and_no_sweep_refuses_another(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.sweep()
    sweep_day.gate_and_publish()
    lost = {
        asin
        for (asin,) in sweep_day.morning.rows(
            "select asin from core.offer_snapshot where owner_code not in ('amazon', 'own')"
        )
    }
    assert lost
    before = sweep_day.morning.rows("select * from core.offer_snapshot order by observed_at, asin")
    assert sweep_day.plan() == []
    sweep_day.asked.clear()
    later = sweep_day.morning.instant + timedelta(hours=4)
    [group] = sweep_day.plan(later)
    assert group.account_ids == ("demo_it",)
    sweep_day.sweep()
    _, done = sweep_day.gate_and_publish()
    assert {each.load.dataset_code: bool(each.published.inserted) for each in done} == {
        "offer_snapshot": True,
        "offer": True,
    }
    assert {asin for operation, batch in sweep_day.asked if operation == "getItemOffersBatch" for asin in batch} == lost
    after = sweep_day.morning.rows("select * from core.offer_snapshot order by observed_at, asin")
    assert after[: len(before)] == before
    assert len(after) == len(before) + len(lost)


def test_the_same_document_again_changes_no_row(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.sweep()
    sweep_day.gate_and_publish()
    tables = ("core.offer_snapshot", "core.offer")
    before = {table: sweep_day.morning.rows(f"select *, xmin from {table} order by 2, 3, 4") for table in tables}
    with transaction(sweep_day.morning.dsn) as connection:
        connection.execute("update ops.load set status_code = 'landed' where dataset_code like 'offer%%'")
        connection.execute("delete from ops.slice where dataset_code like 'offer%%'")
    assert sweep_day.extraction.arrivals.stage_landed() == []
    blocked, done = sweep_day.gate_and_publish()
    assert blocked == []
    assert [each.published.changed_rows for each in done] == [0, 0]
    assert {
        table: sweep_day.morning.rows(f"select *, xmin from {table} order by 2, 3, 4") for table in tables
    } == before


def test_a_sweep_of_few_products_after_many_of_many_is_not_taken_for_cut_short(sweep_day: SweepDay) -> None:
    sweep_day.plan()
    sweep_day.sweep()
    sweep_day.gate_and_publish()
    with transaction(sweep_day.morning.dsn) as connection:
        for days in range(1, 10):  # the same slot of nine days before, each with many rows
            connection.execute(
                "insert into ops.slice select account_id, dataset_code, '0001', business_date - %(days)s, status_code, "
                "load_id, last_updated_date, requested_at, content_hash, 4000, published_sequence, first_published_at, "
                "published_at, confirmed_at from ops.slice "
                "where dataset_code like 'offer%%' and variant_code <> '0001'",
                {"days": days},
            )
    first_minute = (sweep_day.morning.instant + timedelta(days=1)).replace(hour=0, minute=1)
    sweep_day.plan(first_minute)
    sweep_day.sweep()
    blocked, done = sweep_day.gate_and_publish()
    assert blocked == []
    assert len(done) == 2


def test_a_credential_that_is_withdrawn_on_the_way_keeps_what_was_seen(
    sweep_day: SweepDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_day.plan()
    fetch = sweeping.FETCHERS["getItemOffersBatch"]

    def withdrawn(session: SellingPartnerSession, asins: tuple[str, ...]) -> bytes:
        if sweep_day.asked:
            raise AccessDenied(kind=Kind.GIVE_UP, message="access is denied", advice="grant", operation="any")
        return fetch(session, asins)

    monkeypatch.setitem(sweeping.FETCHERS, "getItemOffersBatch", withdrawn)  # type: ignore[arg-type]
    assert sweep_day.sweep().failures == []
    sweep_day.gate_and_publish()
    [(_, seen)] = sweep_day.asked
    assert {asin for (asin,) in sweep_day.morning.rows("select asin from core.offer_snapshot")} == set(seen)
    gaps = sweep_day.morning.rows("select asin, reason_code, reason from ops.sweep_gap")
    assert {asin for asin, _, _ in gaps} == asins(sweep_day) - set(seen)
    assert {(code, "access is denied" in reason) for _, code, reason in gaps} == {("not_reached", True)}


def test_a_credential_that_is_refused_at_once_fails_the_sweep_in_words(
    sweep_day: SweepDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_day.plan()

    def denied(*_: object) -> bytes:
        raise AccessDenied(kind=Kind.GIVE_UP, message="access is denied", advice="grant the role", operation="any")

    monkeypatch.setitem(sweeping.FETCHERS, "getItemOffersBatch", denied)  # type: ignore[arg-type]
    [failure] = sweep_day.sweep().failures
    assert "access is denied. Next: grant the role." in failure
    assert Rounds([sweep_day.extraction]).step() is None


def test_a_missing_role_is_told_once_and_not_asked_about_at_every_slot_of_the_day(sweep_day: SweepDay) -> None:
    sweep_day.morning.fault("role_missing", operation="getItemOffersBatch", times=1)
    sweep_day.plan()
    assert sweep_day.sweep().failures == []
    assert "demo_it is not swept: no access: role Pricing is missing; costs the controls Buy Box" in judge(sweep_day)
    with transaction(sweep_day.morning.dsn) as connection:
        assert {code: each.role_name for code, each in read_missing_access(connection, "demo_it").items()} == {
            "offer_snapshot": "Pricing",
            "offer": "Pricing",
        }

    instant = sweep_day.morning.instant
    midnight = start_of_day(local_date(instant, "Europe/Rome") + timedelta(days=1), "Europe/Rome")
    assert sweep_day.plan(midnight - timedelta(minutes=1)) == []
    assert sweep_day.asked == []

    [group] = sweep_day.plan(midnight + timedelta(hours=2))
    assert group.account_ids == ("demo_it",)
    assert sweep_day.sweep().failures == []
    assert len(sweep_day.asked) > 0
    with transaction(sweep_day.morning.dsn) as connection:
        assert read_missing_access(connection, "demo_it") == {}


def test_a_role_that_doctor_finds_granted_is_used_at_the_next_slot(sweep_day: SweepDay) -> None:
    sweep_day.morning.fault("role_missing", operation="getItemOffersBatch", times=1)
    sweep_day.plan()
    sweep_day.sweep()
    later = sweep_day.morning.instant + timedelta(minutes=1)
    assert sweep_day.plan(later) == []
    with transaction(sweep_day.morning.dsn) as connection:
        allow_another_try(connection, "demo_it", ["offer_snapshot", "offer"])
    assert len(sweep_day.plan(later)) == 1


def test_an_account_without_a_second_credential_is_noted_and_never_asked_for(sweep_day: SweepDay) -> None:
    sweep_day.account = sweep_day.account.model_copy(update={"seller_connection_id": None})
    assert sweep_day.plan() == []
    with transaction(sweep_day.morning.dsn) as connection:
        missing = read_missing_access(connection, "demo_it")
        assert sweep_planning.refused(connection, [sweep_day.account]) == {}
    assert {each.reason_code for each in missing.values()} == {"no_credential"}
    assert missing.keys() == {"offer_snapshot", "offer"}
