"""One document from disk, Amazon's or the client's own, through the same landing, gate and publish as the dawn run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.sources import Dataset
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_load
from daybreak.steps.publishing import publish_one
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quarantine import read_quarantine

_CHUNK_BYTES = 1024 * 1024
_ROWS_TOLD = 20


@dataclass(frozen=True)
class LoadedFile:
    """What became of one file."""

    load_id: int
    sentence: str
    is_published: bool


def load_file(
    file: Path,
    account: Account,
    dataset: Dataset,
    settings: Settings,
    *,
    received_at: datetime,
    variant: str | None = None,
    report_period: str = "DAY",
    dsn: str | None = None,
) -> LoadedFile:
    """Lands ``file`` as it is, stages, gates and publishes it.

    ``variant`` is the distributor view, by default the account's primary one; for a dataset of the client's own files
    it is that of these. A row of a WEEK document is kept under
    the week's first day. A document that cannot be used, or that its gate blocks, is kept with the reason and publishes
    nothing.

    Raises:
        NoDiskToSpare: landing refuses to start.
        OSError: the file cannot be read.
    """
    view = dataset.file_variant(account) if variant is None else variant
    load_id = _land(file, account, dataset, view, settings, received_at, dsn, report_period)
    refused = stage_or_reject(account, _read(load_id, dsn), settings, dsn)
    if refused:
        return LoadedFile(load_id, refused, is_published=False)
    return _carry_through(account, load_id, file, settings, received_at, dsn)


def _land(
    file: Path,
    account: Account,
    dataset: Dataset,
    view: str,
    settings: Settings,
    received_at: datetime,
    dsn: str | None,
    report_period: str,
) -> int:
    """Stores the file in the landing and opens a load of it; returns the load's id."""
    with transaction(dsn) as connection:
        register_account(connection, account)
    stored = store_document(
        settings.landing,
        account.account_id,
        dataset.key,
        file.stem,
        _chunks(file),
        received_at=received_at,
        minimum_free_bytes=settings.minimum_free_mebibytes * 1024 * 1024,
    )
    document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, received_at, "file")
    with transaction(dsn) as connection:
        return loads.insert_load(
            connection,
            account.account_id,
            dataset.key,
            view,
            document,
            request_id=None,
            window=None,
            requested_at=received_at,
            report_period=report_period,
        )


def _carry_through(
    account: Account, load_id: int, file: Path, settings: Settings, received_at: datetime, dsn: str | None
) -> LoadedFile:
    blocked = gate_load(account, _read(load_id, dsn), dsn, settings)
    if blocked:
        return LoadedFile(load_id, blocked, is_published=False)
    refused = _refused_rows(account, load_id, dsn)
    last_mart_date = newest_control_date(received_at, account.marketplace.time_zone)
    published = publish_one(account, _read(load_id, dsn), last_mart_date, settings, dsn)
    load = _read(load_id, dsn)
    quarantined = f", {load.quarantined_row_count} rows in quarantine" if load.quarantined_row_count else ""
    return LoadedFile(
        load_id,
        f"{account.account_id} {load.dataset_code}: {file.name} is load {load_id}, {load.row_count} rows of "
        f"{load.window_start_date} to {load.window_end_date}: {published.inserted} new, {published.updated} changed, "
        f"{published.removed} gone{quarantined}; {load.status_code}{refused}",
        is_published=True,
    )


def _refused_rows(account: Account, load_id: int, dsn: str | None) -> str:
    """The rows in quarantine and what was not understood, one a line; empty where there is nothing to tell."""
    with transaction(dsn) as connection:
        rows = read_quarantine(connection, account.account_id, load_id, _ROWS_TOLD + 1)
        unknown = loads.read_unknown_fields(connection, account.account_id, load_id)
    told = [f"row {row['row_number']}: {row['reason']}" for row in rows[:_ROWS_TOLD]]
    if len(rows) > _ROWS_TOLD:
        told.append(f"… the others with 'daybreak gate quarantine {load_id}'")
    if unknown:
        told.append(f"columns or fields that mean nothing to Daybreak: {', '.join(unknown)}")
    return "".join(f"\n  {line}" for line in told)


def _read(load_id: int, dsn: str | None) -> loads.AccountLoad:
    with transaction(dsn) as connection:
        load = loads.read_load(connection, load_id)
    if load is None:
        raise LookupError(f"there is no load {load_id}")
    return load


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
