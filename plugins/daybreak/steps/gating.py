"""Judges what is staged or built before anybody sees it; writes every judgement to the ledger."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from daybreak.accounts import Account
from daybreak.calendars import end_of_utc_day
from daybreak.datasets import DATASETS
from daybreak.landing.failures import LandingFailure
from daybreak.quality.day_sizes import DaySize, judge_day_sizes
from daybreak.quality.documents import (
    CLIENT_QUARANTINE_LIMIT,
    QUARANTINE_LIMIT,
    AggregateComparison,
    DocumentFacts,
    judge_document,
)
from daybreak.quality.gate import CandidateBuild, GateResult, StagedLoad, Verdict, decide, judge, was_preloaded
from daybreak.quality.suites import read_suite
from daybreak.quality.wording import EXAMPLES_KEPT
from daybreak.settings import Settings, get_settings
from daybreak.steps.staging import reject_unreadable, restage_load
from daybreak.warehouse import builds, loads
from daybreak.warehouse.engine import full_disk_named, transaction
from daybreak.warehouse.gate_results import replace_gate_results
from daybreak.warehouse.quarantine import read_quarantine
from daybreak.warehouse.slices import DayElsewhere, read_day_elsewhere, read_older_days
from daybreak.warehouse.staging_tables import drop_staging_table, is_whole

logger = logging.getLogger(__name__)

UNCHANGED = GateResult(
    "bytes_equal_published",
    None,
    "info",
    True,
    "every day of the document holds the bytes that are published already",
)
NEWER_IS_PUBLISHED = GateResult(
    "newer_payload_published",
    None,
    "info",
    True,
    "newer figures are published for every day of the document; none of its rows can be, so none was judged",
)


def gate_staged(
    account: Account,
    dsn: str | None = None,
    settings: Settings | None = None,
    *,
    dataset_codes: Collection[str] = DATASETS.keys(),
) -> list[str]:
    """Judges every staged load of ``account`` and ``dataset_codes``; returns, in words, those that are blocked.

    ``dsn`` and ``settings`` None mean the configured ones.
    """
    logger.info("Great Expectations was %s", "preloaded" if was_preloaded() else "imported by this task")
    with transaction(dsn) as connection:
        staged = loads.read_loads(connection, account.account_id, ["staged"])
    wanted = [load for load in staged if load.dataset_code in dataset_codes]
    return [blocked for load in wanted if (blocked := gate_load(account, load, dsn, settings))]


def gate_load(
    account: Account, load: loads.Load, dsn: str | None = None, settings: Settings | None = None
) -> str | None:
    """Judges one staged load; returns None when it may be published, else why not and what to do.

    A load whose staging table was lost is staged anew first, and rejected where its landed file is gone. One that
    another process has judged meanwhile is left; one for all of whose days newer figures are published is superseded.
    """
    try:
        with (
            full_disk_named(f"{account.account_id} load {load.load_id} ({load.dataset_code})"),
            transaction(dsn) as connection,
        ):
            # An emptied table would be judged as a document without rows.
            if not is_whole(connection, load):
                load = restage_load(connection, account, load, settings or get_settings())
            if load.status_code != "staged" or _superseded(connection, account, load):
                return None
            facts = _gather(connection, account, load)
    except LandingFailure as failure:
        return reject_unreadable(account, load, failure, ("staged",), dsn)
    verdict = _judge_load(account, load, facts, dsn)
    _keep_verdict(account, load, verdict, dsn)
    label = f"{account.account_id} load {load.load_id} ({_what(load)})"
    logger.info("%s: %s in %.2f s", label, verdict.code, verdict.seconds)
    if verdict.code != "block":
        return None
    return (
        f"{label} is blocked: {verdict.reason}. Its rows are in {StagedLoad(load.dataset_code, load.load_id).table}; "
        f"look with 'daybreak gate show {load.load_id}'; when they are right all the same: "
        f"daybreak gate release {load.load_id} --reason '…'"
    )


def _keep_verdict(account: Account, load: loads.Load, verdict: Verdict, dsn: str | None) -> None:
    values = {
        "status_code": "blocked" if verdict.code == "block" else "gated",
        "verdict_code": verdict.code,
        "reason": verdict.reason,
    }
    with transaction(dsn) as connection:
        replace_gate_results(
            connection, account.account_id, "load", load.load_id, f"core.{load.dataset_code}", verdict.results
        )
        loads.update_load(connection, account.account_id, load.load_id, "mark_gated", values)


def gate_build(account: Account, build: builds.Build, dsn: str | None = None) -> str | None:
    """Judges one build; returns None when it may be published, else why not."""
    subject = CandidateBuild(build.mart_code, build.build_id)
    verdict = judge(_dsn(dsn), subject, read_suite(f"mart.{build.mart_code}"))
    status = "blocked" if verdict.code == "block" else "gated"
    with transaction(dsn, role="transformer") as connection:
        replace_gate_results(
            connection, account.account_id, "build", build.build_id, f"mart.{build.mart_code}", verdict.results
        )
        builds.mark_gated(
            connection, account.account_id, build.build_id, status, verdict.code, verdict.reason or "all holds"
        )
    logger.info("%s %s: %s in %.2f s", account.account_id, build.label, verdict.code, verdict.seconds)
    if verdict.code != "block":
        return None
    return f"{account.account_id} {build.label} is blocked: {verdict.reason}. What was published before stays."


def _superseded(connection: psycopg.Connection, account: Account, load: loads.Load) -> bool:
    """Whether newer figures of all the load's days are published; the load is over then. What is published only ever
    grows newer, so that no later moment would answer otherwise.
    """
    days = {each.business_date for each in loads.read_load_slices(connection, account.account_id, load.load_id)}
    if not days or read_older_days(connection, account.account_id, load.load_id) < days:
        return False
    values = {"reason": NEWER_IS_PUBLISHED.reason}
    if loads.update_load(connection, account.account_id, load.load_id, "supersede_load", values):
        replace_gate_results(
            connection, account.account_id, "load", load.load_id, f"core.{load.dataset_code}", [NEWER_IS_PUBLISHED]
        )
        drop_staging_table(connection, load.dataset_code, load.load_id)
    logger.info("%s load %s (%s) is superseded", account.account_id, load.load_id, _what(load))
    return True


@dataclass(frozen=True)
class _Facts:
    """What the ledger says of a load beside its rows."""

    has_days: bool
    changed: list[loads.LoadSlice]
    sizes: list[DaySize]
    document: DocumentFacts


def _gather(connection: psycopg.Connection, account: Account, load: loads.Load) -> _Facts:
    older = read_older_days(connection, account.account_id, load.load_id)
    slices = loads.read_load_slices(connection, account.account_id, load.load_id)
    compared = loads.read_aggregates(connection, account.account_id, load)
    changed = [each for each in slices if each.is_changed]
    judged = [each for each in changed if each.business_date not in older and _is_comparable(account, load, each)]
    sizes = [_day_size(connection, account, load, each) for each in judged]
    put_aside = read_quarantine(connection, account.account_id, load.load_id, EXAMPLES_KEPT)
    return _Facts(bool(slices), changed, sizes, _document_facts(load, slices, compared, put_aside))


def _judge_load(account: Account, load: loads.Load, facts: _Facts, dsn: str | None) -> Verdict:
    about_document = judge_document(facts.document)
    if facts.has_days and not facts.changed:
        return Verdict(decide(about_document), [UNCHANGED, *about_document], 0.0, 0)
    subject = StagedLoad(load.dataset_code, load.load_id)
    must_have_rows = DATASETS[load.dataset_code].row_counts == "alike" and any(
        _is_comparable(account, load, each) for each in facts.changed
    )
    may_be_empty = bool(facts.changed) and not must_have_rows and not load.quarantined_row_count
    suite = read_suite(f"core.{load.dataset_code}")
    return judge(_dsn(dsn), subject, suite, confirmed_no_data=may_be_empty).with_results(
        [*about_document, *judge_day_sizes(facts.sizes)]
    )


def _is_comparable(account: Account, load: loads.Load, day: loads.LoadSlice) -> bool:
    """Whether the date was over when it was asked for, so that its rows may be counted against those of others."""
    long_after = end_of_utc_day(day.business_date) + timedelta(days=2)
    return DATASETS[load.dataset_code].calendar.is_complete(
        day.business_date, load.requested_at, long_after, account.marketplace.time_zone
    )


def _day_size(connection: psycopg.Connection, account: Account, load: loads.Load, day: loads.LoadSlice) -> DaySize:
    row_counts = DATASETS[load.dataset_code].row_counts
    if row_counts != "alike":
        published = day.published_row_count if row_counts == "kept" else None
        return DaySize(day.business_date, day.row_count, published, None, 0)
    usual, known_day_count = loads.read_usual_rows(connection, account.account_id, load, day.business_date)
    elsewhere = DayElsewhere(0, 0)
    if day.row_count == 0:
        elsewhere = read_day_elsewhere(connection, account.account_id, load.dataset_code, day.business_date)
    return DaySize(
        day.business_date,
        day.row_count,
        day.published_row_count,
        usual,
        known_day_count,
        elsewhere.filled_account_count,
        elsewhere.empty_account_count,
    )


def _document_facts(
    load: loads.Load,
    slices: list[loads.LoadSlice],
    compared: list[loads.AggregateFigure],
    put_aside: list[dict[str, Any]],
) -> DocumentFacts:
    if load.window_start_date is None or load.window_end_date is None:
        raise RuntimeError(f"load {load.load_id} is staged without a window")
    dataset = DATASETS[load.dataset_code]
    return DocumentFacts(
        frozenset(dataset.calendar.dates(load.window_start_date, load.window_end_date)),
        frozenset(each.business_date for each in slices),
        (load.row_count or 0) - load.undelivered_row_count,
        (load.quarantined_row_count or 0) - load.undelivered_row_count,
        put_aside,
        [AggregateComparison(c.business_date, c.measure, c.sum_of_asins, c.aggregate) for c in compared],
        CLIENT_QUARANTINE_LIMIT if load.variant_code in dataset.supplied_variants else QUARANTINE_LIMIT,
        load.undelivered_row_count,
    )


def _what(load: loads.Load) -> str:
    view = f" {load.variant_code}" if load.variant_code else ""
    return f"{load.dataset_code}{view} {load.window_start_date} to {load.window_end_date}"


def _dsn(dsn: str | None) -> str:
    return dsn or get_settings().warehouse_dsn()
