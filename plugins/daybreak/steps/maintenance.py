"""Keeps the warehouse and the landing folder in shape: months made ahead, and what was kept long enough removed."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Literal

import psycopg

from daybreak.accounts import read_accounts
from daybreak.contracts import TableContract, read_contracts
from daybreak.landing.leftovers import find_documents, find_partials
from daybreak.settings import Settings
from daybreak.steps.log_rotation import remove_old_logs, rotate_logs
from daybreak.steps.rebuilding import rebuild_restated
from daybreak.warehouse import retention
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)

StepName = Literal["months", "leftovers", "landing", "requests", "rebuilds", "statistics", "logs"]
REPORT_LIFETIME = timedelta(days=90)
"""So long Amazon keeps a report and answers about it (Reports API, retention of reports)."""
SAFE_AGE = timedelta(days=1)
"""No download lasts so long: a younger file may be one that is being written, or landed and not yet in the ledger."""
_PATHS_AT_ONCE = 1000


class RetentionTooShort(ValueError):
    """A setting would remove rows that a mart still reads; names setting, mart and fact."""


@dataclass(frozen=True)
class Upkeep:
    """What was done to one thing: how many parts were made and removed (months, rows, files), and what to know."""

    subject: str
    made: int = 0
    removed: int = 0
    note: str | None = None
    is_done: bool = True


def maintain(settings: Settings, instant: datetime, dsn: str | None = None) -> list[Upkeep]:
    """Does every step that ``instant`` asks for and says what it did; again at once it finds nothing to do.

    A table that somebody reads for long is left for the next time and reported. Files that no document names are
    reported and left. A step that fails is reported with its reason, and the others are done all the same.

    Raises:
        RetentionTooShort: nothing was touched.
    """
    refuse_short_retention(settings, read_contracts())
    done: list[Upkeep] = []
    for name in STEPS:
        try:
            done += run_step(name, settings, instant, dsn)
        except Exception as failure:
            logger.exception("%s failed", name)
            done.append(Upkeep(name, note=f"failed: {failure}", is_done=False))
    return done


def run_step(name: StepName, settings: Settings, instant: datetime, dsn: str | None = None) -> list[Upkeep]:
    """Does one of ``STEPS`` and says what it did.

    Raises:
        RetentionTooShort: in ``months``, and nothing was touched.
    """
    done = STEPS[name](settings, instant, dsn)
    for each in done:
        if each.made or each.removed or each.note:
            logger.info("%s: %d made, %d removed. %s", each.subject, each.made, each.removed, each.note or "")
    return done


def refuse_short_retention(settings: Settings, contracts: Iterable[TableContract]) -> None:
    """Returns only if every fact is kept for as long as a mart looks back from the oldest day that a morning rebuilds.

    Raises:
        RetentionTooShort: names the setting and the least that it may be.
    """
    contracts = list(contracts)
    kept = {contract.table: contract.kept for contract in contracts if contract.kept}
    for mart in contracts:
        for fact, reach_days in mart.reach_days.items():
            needed = reach_days + settings.mart_days
            if fact in kept and (days := settings.kept_days(kept[fact])) < needed:
                raise RetentionTooShort(
                    f"DAYBREAK_KEEP_{kept[fact].upper()}_DAYS is {days}, but {mart.table} reads {fact} {reach_days} "
                    f"days back and mornings rebuild {settings.mart_days} days: keep at least {needed}"
                )


def _keep_months(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    contracts = read_contracts()
    refuse_short_retention(settings, contracts)
    return [_keep_table(contract, settings, instant, dsn) for contract in contracts if contract.kept]


def _keep_table(contract: TableContract, settings: Settings, instant: datetime, dsn: str | None) -> Upkeep:
    on_date = instant.astimezone(UTC).date()
    keep_from = on_date - timedelta(days=settings.kept_days(contract.kept or ""))
    try:
        with transaction(dsn, role="owner") as connection:
            months = retention.keep_months(
                connection, contract.table, on_date, settings.partitions_ahead_months, keep_from
            )
            note = _follow_up(connection, contract, keep_from)
    except psycopg.errors.LockNotAvailable:
        note = "somebody has read it for over ten seconds; left for the next time"
        return Upkeep(contract.table, note=note, is_done=False)
    dropped = f"dropped {', '.join(months.dropped)}" if months.dropped else None
    return Upkeep(
        contract.table, months.made_count, len(months.dropped), "; ".join(filter(None, (dropped, note))) or None
    )


def _follow_up(connection: psycopg.Connection, contract: TableContract, keep_from: date) -> str | None:
    """What the ledger says of the dropped months from now on."""
    if contract.kept == "mart":
        retention.forget_dirty_days(connection, contract.name, keep_from)
        return None
    if contract.history_of:
        return None
    days = retention.expire_days(connection, contract.name, keep_from)
    return f"{days} published days expired" if days else None


def _clear_leftovers(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    return [*_clear_staging(settings, instant, dsn), *_delete_judgements(settings, instant, dsn)]


def _clear_staging(settings: Settings, instant: datetime, dsn: str | None) -> Iterator[Upkeep]:
    before = instant - timedelta(days=settings.keep_blocked_days)
    try:
        with transaction(dsn, role="owner") as connection:
            yield Upkeep("staging", removed=len(retention.drop_left_staging(connection, before)))
    except psycopg.errors.LockNotAvailable:
        yield Upkeep("staging", note="one of its tables is being read; left for the next time", is_done=False)
    with transaction(dsn, role="owner") as connection:
        yield Upkeep("candidate", removed=retention.delete_left_candidates(connection, before))


def _delete_judgements(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    with transaction(dsn, role="owner") as connection:
        gone = retention.delete_judgements(connection, instant - timedelta(days=settings.keep_judgement_days))
    return [Upkeep(table, removed=count) for table, count in gone.items()]


def _sweep_landing(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    # The ledger first: a file that outlives its mark is removed the next time, a mark that outlived its file would lie.
    with transaction(dsn, role="owner") as connection:
        retention.expire_documents(connection, instant - timedelta(days=settings.keep_landing_days))
    before = instant - SAFE_AGE
    partials = find_partials(settings.landing, before)
    for partial in partials:
        partial.unlink(missing_ok=True)
    removed, orphans = 0, list[str]()
    documents = find_documents(settings.landing, before)
    while paths := list(islice(documents, _PATHS_AT_ONCE)):
        with transaction(dsn, role="owner") as connection:
            kept = retention.read_kept_paths(connection, paths)
        for path in paths:
            if path not in kept:
                orphans.append(path)
            elif not kept[path]:
                (settings.landing / path).unlink(missing_ok=True)
                removed += 1
    return [
        Upkeep("landing, killed downloads", removed=len(partials)),
        Upkeep("landing, expired documents", removed=removed),
        Upkeep("landing, files of no document", note=_told(orphans)),
    ]


def _abandon_requests(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    reason = f"nobody finished it within {REPORT_LIFETIME.days} days, and Amazon keeps no report for longer"
    with transaction(dsn) as connection:
        abandoned = retention.abandon_requests(connection, instant - REPORT_LIFETIME, reason)
    note = "their days are owed again" if abandoned else None
    return [Upkeep("reports that nobody finished", removed=abandoned, note=note)]


def _rebuild_marts(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    rebuilt = rebuild_restated(read_accounts(settings.accounts_path), instant, settings, dsn)
    notes = [*rebuilt.blocked, *([f"{rebuilt.left} months are left for the next time"] if rebuilt.left else [])]
    note = "; ".join(notes) or None
    return [Upkeep("marts, months that were restated", made=rebuilt.built, note=note, is_done=not rebuilt.blocked)]


def _rotate_logs(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    before = instant - timedelta(days=settings.keep_log_days)
    return [
        Upkeep("logs of tasks", removed=remove_old_logs(settings.logs, before)),
        Upkeep("logs put aside", made=rotate_logs(settings.logs, settings.largest_log_mebibytes * 2**20)),
    ]


def _take_statistics(settings: Settings, instant: datetime, dsn: str | None) -> list[Upkeep]:
    with transaction(dsn, role="owner") as connection:
        return [Upkeep("statistics", made=len(retention.analyze_changed(connection)))]


def _told(orphans: list[str]) -> str | None:
    if not orphans:
        return None
    shown = ", ".join(orphans[:5]) + (", …" if orphans[5:] else "")
    return f"{len(orphans)} left as they are: {shown}. Load each with 'daybreak load', or move it away"


STEPS: dict[StepName, Callable[[Settings, datetime, str | None], list[Upkeep]]] = {
    "months": _keep_months,
    "leftovers": _clear_leftovers,
    "landing": _sweep_landing,
    "requests": _abandon_requests,
    "rebuilds": _rebuild_marts,
    "statistics": _take_statistics,
    "logs": _rotate_logs,
}
"""What maintenance does, in this order; each by itself."""
