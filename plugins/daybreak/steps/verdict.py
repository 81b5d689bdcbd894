"""The morning's verdict: what is due and not there, blocked or refused, by name, with why and what repairs it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import days, local_date, newest_control_date
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.sources import Dataset
from daybreak.steps.access import describe_missing, nothing_readable
from daybreak.steps.planning import is_overtaken
from daybreak.warehouse.builds import read_builds, read_built_dates
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.missing_access import MissingAccess, read_missing_access
from daybreak.warehouse.mutes import Mute, read_mutes
from daybreak.warehouse.report_requests import LastAttempt, read_failures_of_run, read_last_reasons
from daybreak.warehouse.slices import read_slices
from daybreak.warehouse.troubles import read_troubles


@dataclass(frozen=True)
class SeriesState:
    """One account, dataset and view: its newest day, the due days that are missing with the reason, and any mute.

    ``unreadable`` are the due days that are missing for want of access alone, as ``no_access`` says; they are not among
    ``missing``.
    """

    account_id: str
    dataset_code: str
    variant_code: str
    newest_due_date: date
    newest_published_date: date | None
    no_data_dates: tuple[date, ...]
    missing: dict[date, str]
    mute: Mute | None
    unreadable: tuple[date, ...] = ()
    no_access: str | None = None
    is_account_refused: bool = False
    """Amazon refuses all that the account's vendor credential is for: no single role is missing."""

    @property
    def label(self) -> str:
        return f"{self.account_id} {self.dataset_code}{' ' + self.variant_code if self.variant_code else ''}"

    @property
    def is_red(self) -> bool:
        return bool(self.missing or (self.unreadable and self.is_account_refused)) and self.mute is None

    @property
    def status(self) -> Literal["complete", "missing", "muted", "no access"]:
        """What is worst of it; a gap of another kind is never hidden behind a missing role."""
        if self.mute and (self.missing or self.unreadable):
            return "muted"
        if self.is_red:
            return "missing"
        return "no access" if self.no_access else "complete"

    def sentence(self) -> str:
        """What is missing or cannot be read, and why; days in a row with one reason are said once."""
        parts = []
        if self.missing:
            spans = [f"{span} ({reason})" if reason else span for span, reason in _spans(self.missing)]
            parts.append(f"due and missing {', '.join(spans)}")
        if self.no_access:
            parts.append(self.no_access)
        if self.is_account_refused:
            parts.append(
                "Amazon refuses everything to this account: look at the connection, the marketplace and the "
                f"authorisation with 'daybreak doctor --account {self.account_id}'"
            )
        if self.mute:
            parts.append(f"muted until {self.mute.until_date}: {self.mute.reason}")
        return f"{self.label}: {'; '.join(parts)}"


class MorningIncomplete(RuntimeError):
    """Something needs a person or is missing; the message names all of it."""


def read_series(
    connection: psycopg.Connection,
    accounts: Sequence[Account],
    instant: datetime,
    settings: Settings,
    *,
    window: tuple[date, date] | None = None,
    dataset_codes: Collection[str] = DAWN_DATASETS,
) -> list[SeriesState]:
    """The state of every series of the active accounts at ``instant``, over the last ``gap_days`` due days; with
    ``window`` over those of its days, both ends included, that Amazon can still give.
    """
    found = [
        _series(connection, account, dataset, variant, instant, settings, unreadable, window)
        for account in accounts
        if account.is_active
        for unreadable in [read_missing_access(connection, account.account_id)]
        for dataset in DATASETS.values()
        if dataset.key in DAWN_DATASETS and dataset.key in dataset_codes
        for variant in dataset.variants(account)
    ]
    return [each for each in found if each is not None]


def read_refusals(
    connection: psycopg.Connection,
    accounts: Sequence[Account],
    run_id: str,
    window: tuple[date, date] | None = None,
) -> list[str]:
    """In words: loads that a gate blocked or that could not be read, and what Amazon refused to this run; with
    ``window`` only loads of its days.
    """
    troubles = [
        f"{account.account_id} load {each.load_id} ({each.dataset_code} {each.window_start_date} to "
        f"{each.window_end_date}) is {each.status_code}: {each.reason}"
        for account in accounts
        for each in read_troubles(connection, account.account_id)
        if window is None or each.touches(*window)
    ]
    return troubles + read_failures_of_run(connection, run_id)


def read_unbuilt_marts(
    connection: psycopg.Connection,
    accounts: Sequence[Account],
    instant: datetime,
    window: tuple[date, date] | None = None,
) -> list[str]:
    """In words: marts without a published build of a day, with the gate's reason if it has one; of the day before the
    morning, or with ``window`` of any of its days that is over.
    """
    unbuilt: list[str] = []
    for account in accounts:
        yesterday = newest_control_date(instant, account.marketplace.time_zone)
        first, last = (yesterday, yesterday) if window is None else (window[0], min(window[1], yesterday))
        for mart in build_order() if account.is_active else ():
            absent = set(days(first, last)) - read_built_dates(connection, account.account_id, mart, first, last)
            if absent:
                blocked = [b for b in read_builds(connection, account.account_id, "blocked") if b.mart_code == mart]
                why = f": {blocked[-1].label} is blocked: {blocked[-1].reason}" if blocked else ""
                spans = ", ".join(span for span, _ in _spans(dict.fromkeys(absent, "")))
                unbuilt.append(f"{account.account_id} mart.{mart} is not built for {spans}{why}")
    return unbuilt


def judge_morning(
    series: Sequence[SeriesState],
    refusals: Sequence[str] = (),
    *,
    subject: str = "the morning",
    next_step: str = "Look with 'daybreak status'; the next run of daily_controls asks again by itself.",
) -> str:
    """One sentence when every due slice is there or muted and nothing was refused.

    A refused restatement leaves older figures standing where a morning should show newer ones: that is red, too.

    Raises:
        MorningIncomplete: naming each missing slice and each refusal, why, and what to do.
    """
    red = [each.sentence() for each in series if each.is_red] + list(refusals)
    if red:
        lines = "\n  ".join(
            red + [f"besides, {each.sentence()}" for each in series if not each.is_red and each.no_access]
        )
        raise MorningIncomplete(f"{subject} is incomplete in {len(red)} places:\n  {lines}\n{next_step}")
    told = [each.sentence() for each in series if each.missing or each.no_access]
    return "every due day is published" + "".join(f"; besides, {sentence}" for sentence in told)


def _series(
    connection: psycopg.Connection,
    account: Account,
    dataset: Dataset,
    variant: str,
    instant: datetime,
    settings: Settings,
    unreadable: Mapping[str, MissingAccess],
    window: tuple[date, date] | None,
) -> SeriesState | None:
    bounds = _bounds(account, dataset, instant, settings, window)
    if bounds is None:
        return None
    oldest, newest = bounds
    known = read_slices(connection, account.account_id, dataset.key, variant, oldest, newest + timedelta(weeks=1))
    if is_overtaken(dataset, known, newest):
        newest = oldest = max(known)
    known = {day: each for day, each in known.items() if oldest <= day <= newest}
    missing = [day for day in dataset.calendar.dates(oldest, newest) if day not in known]
    reasons = read_last_reasons(connection, account.account_id, dataset.key, variant, missing) if missing else {}
    refused = unreadable.get(dataset.key)
    denied = [day for day in missing if refused and (day not in reasons or reasons[day].is_denied)]
    published = [day for day, each in known.items() if each.status_code == "published"]
    today = local_date(instant, settings.agency_time_zone)
    mutes = [m for m in read_mutes(connection, account.account_id, today) if m.dataset_code in (None, dataset.key)]
    return SeriesState(
        account.account_id,
        dataset.key,
        variant,
        newest,
        max(published, default=None),
        tuple(sorted(set(known) - set(published))),
        {day: _why(day, reasons.get(day)) for day in missing if day not in denied},
        mutes[0] if mutes else None,
        tuple(denied),
        describe_missing(refused) if refused else None,
        nothing_readable(DAWN_DATASETS, unreadable),
    )


def _bounds(
    account: Account, dataset: Dataset, instant: datetime, settings: Settings, window: tuple[date, date] | None
) -> tuple[date, date] | None:
    """The oldest and the newest date to look at; None where Amazon gives no date of ``window``."""
    newest = dataset.calendar.newest_due(instant, account.marketplace.time_zone)
    if window is None:
        return dataset.oldest_due(newest, settings.gap_days), newest
    had = dataset.dates_given(*window, newest)
    return (had[0], had[-1]) if had else None


def _why(day: date, last: LastAttempt | None) -> str:
    if last is None:
        return "never asked for"
    if last.reason:
        return last.reason
    if last.is_delivered:
        return "its document has come and is not published yet"
    if last.delivered_until is not None and last.delivered_until < day:
        return f"Amazon still gives that of {last.delivered_until}; it is asked for again"
    if last.status_code == "done":
        return "Amazon's document does not hold it; it is asked for again"
    return {"asked": "not asked at Amazon yet", "waiting": "Amazon is still working on the report"}.get(
        last.status_code, f"the report is {last.status_code}"
    )


def _spans(missing: dict[date, str]) -> list[tuple[str, str]]:
    spans: list[tuple[date, date, str]] = []
    for day, reason in sorted(missing.items()):
        if spans and spans[-1][2] == reason and spans[-1][1] == day - timedelta(days=1):
            spans[-1] = (spans[-1][0], day, reason)
        else:
            spans.append((day, day, reason))
    return [(f"{first}" if first == last else f"{first} to {last}", reason) for first, last, reason in spans]
