"""Composes the client's Monday report of a week and keeps it: files in the reports folder, a row in the ledger."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg

from daybreak.accounts import Account, Language
from daybreak.board.week_facts import Action, Control, Coverage, Incident, Product, Recovery, Totals, WeekReport
from daybreak.board.week_page import week_page
from daybreak.board.week_workbook import week_workbook
from daybreak.business_dates import week_days
from daybreak.settings import Settings
from daybreak.steps.week_coverage import WeekCoverage, read_coverage
from daybreak.warehouse import week_figures
from daybreak.warehouse.client_reports import KeptReport, insert_report, read_last_report
from daybreak.warehouse.engine import transaction


class WeekUnknown(LookupError):
    """The warehouse has no figures of the week; says of which account, and what to do."""


def compose_week(
    connection: psycopg.Connection, account: Account, week_end_date: date, instant: datetime
) -> WeekReport:
    """What the account's report of the week that ends on ``week_end_date`` says, as the marts stand.

    Raises:
        WeekUnknown: ``mart.buy_box_weekly`` has no row of the week.
    """
    totals = week_figures.read_totals(connection, account.account_id, week_end_date)
    week = week_days(week_end_date)
    if week_end_date not in totals:
        raise WeekUnknown(
            f"{account.account_id}: mart.buy_box_weekly has no figures of the week to {week_end_date}. 'daybreak "
            f"status' says what is missing; then daybreak build buy_box_weekly --from {week[0]} --to {week[-1]} "
            f"--account {account.account_id}"
        )
    before = [each for day, each in totals.items() if day != week_end_date]
    of_week = (connection, account.account_id, week_end_date)
    return WeekReport(
        account.account_id,
        account.name,
        account.marketplace.currency_code,
        account.marketplace.time_zone,
        week[0],
        week_end_date,
        _rests_on(read_coverage(connection, account, week_end_date, instant)),
        Totals(**totals[week_end_date]),
        Totals(**before[0]) if before else None,
        tuple(Product(**row) for row in week_figures.read_products(*of_week)),
        tuple(Incident(**row) for row in week_figures.read_incidents(*of_week)),
        tuple(Control(**_with_tuple(row)) for row in week_figures.read_controls(*of_week)),
        tuple(Action(**_with_tuple(row)) for row in week_figures.read_actions(*of_week)),
        tuple(Recovery(**row) for row in week_figures.read_recoveries(*of_week)),
    )


def keep_week(
    account: Account,
    week_end_date: date,
    instant: datetime,
    run_id: str,
    settings: Settings,
    dsn: str | None = None,
    *,
    language: Language | None = None,
) -> tuple[str, Path]:
    """Keeps the report unless it equals the newest edition: what became of it in words, and its page.

    The files are there before the ledger says so. An edition whose files were lost is written again from equal figures.

    Raises:
        WeekUnknown: there is nothing to report.
    """
    spoken = language or account.spoken_language
    with transaction(dsn, role="transformer") as connection:
        report = compose_week(connection, account, week_end_date, instant)
        last = read_last_report(connection, account.account_id, week_end_date, spoken)
        edition = _next_edition(report, spoken, last)
        page = settings.reports / edition.page_path
        is_kept = last is not None and edition.sequence == last.sequence
        if not (is_kept and page.exists() and (settings.reports / edition.workbook_path).exists()):
            _write_file(page, week_page(report, spoken).encode())
            _write_file(settings.reports / edition.workbook_path, week_workbook(report, spoken))
        if not is_kept:
            insert_report(connection, account.account_id, week_end_date, spoken, edition, run_id)
    told = "is unchanged" if is_kept else "is kept" if last is None else f"has changed: edition {edition.sequence}"
    return f"{account.account_id}: the report of the week to {week_end_date} {told} ({page})", page


def draw_week(
    account: Account,
    week_end_date: date,
    instant: datetime,
    language: Language,
    form: Literal["html", "xlsx"],
    dsn: str | None = None,
) -> bytes:
    """The report as one file, of which nothing is kept.

    Raises:
        WeekUnknown: there is nothing to report.
    """
    with transaction(dsn, role="transformer") as connection:
        report = compose_week(connection, account, week_end_date, instant)
    return week_page(report, language).encode() if form == "html" else week_workbook(report, language)


def _next_edition(report: WeekReport, language: Language, last: KeptReport | None) -> KeptReport:
    digest = json.dumps(asdict(report), sort_keys=True, default=str)
    content_hash = hashlib.sha256(digest.encode()).hexdigest()
    if last is not None and last.content_hash == content_hash:
        return last
    sequence = 1 if last is None else last.sequence + 1
    folder = f"{report.account_id}/{report.week_end_date}"
    stem = f"{folder}/buy_box_{report.account_id}_{report.week_end_date}_{language}_{sequence}"
    return KeptReport(sequence, content_hash, f"{stem}.html", f"{stem}.xlsx", report.coverage.is_final)


def _rests_on(coverage: WeekCoverage) -> Coverage:
    return Coverage(
        coverage.unseen_dates,
        coverage.lacking_dates,
        coverage.undue_dates,
        coverage.complete_at,
        is_looked_at=coverage.unlooked is None,
        is_readable=coverage.unreadable is None,
        is_final=coverage.is_final,
    )


def _with_tuple(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "asins": tuple(row["asins"])}


def _write_file(path: Path, content: bytes) -> None:
    """Afterwards ``path`` holds all of ``content``, also when the machine stops on the way: never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
