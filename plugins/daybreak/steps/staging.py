"""From a landed file to typed rows in a staging table of the load's own."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import date

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import local_date
from daybreak.datasets import DATASETS
from daybreak.landing.csv_text import COPY_OPTIONS
from daybreak.landing.decoded import Decoded
from daybreak.landing.decoding import decode_document
from daybreak.landing.failures import LandingFailure
from daybreak.landing.files import read_client_file, read_document
from daybreak.landing.specifications import ExpectedReport
from daybreak.settings import Settings
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.loads import Load, lock_load, lock_series, read_load_slices, update_load
from daybreak.warehouse.slices import read_slices
from daybreak.warehouse.staging_tables import (
    QuarantinedRow,
    StagedSlice,
    copy_rows,
    replace_load_slices,
    replace_quarantine,
)

logger = logging.getLogger(__name__)


def stage_load(connection: psycopg.Connection, account: Account, load: Load, settings: Settings) -> None:
    """Decodes the load's document and stages its changed days, within the caller's transaction.

    Rows that cannot be accepted are in ``ops.quarantine`` afterwards, days in ``ops.load_slice``. A load that another
    process has staged meanwhile stays as that one left it.

    Raises:
        LandingFailure: the document as a whole cannot be used; the message says why and what to do.
    """
    status, _ = lock_load(connection, account.account_id, load.load_id)
    if status != "landed":
        logger.info("%s load %s is %s already", account.account_id, load.load_id, status)
        return
    decoded = _decode(account, load, settings)
    slices = _compare(connection, account, load, decoded)
    staged = _copy(connection, load, decoded, {each.business_date for each in slices if each.is_changed})
    replace_load_slices(connection, account.account_id, load.load_id, slices)
    _quarantine(connection, account, load, decoded)
    update_load(
        connection,
        account.account_id,
        load.load_id,
        "mark_staged",
        {
            "window_start_date": decoded.first_date,
            "window_end_date": decoded.last_date,
            "last_updated_date": decoded.last_updated_date,
            "row_count": decoded.row_count,
            "staged_row_count": staged,
            "quarantined_row_count": len(decoded.rejected),
            "unknown_fields": list(decoded.unknown_fields),
        },
    )
    _note_undelivered(connection, account, load, decoded)
    if decoded.unknown_fields:
        logger.warning(
            "%s load %s (%s): the document has fields that Daybreak does not know: %s",
            account.account_id,
            load.load_id,
            load.dataset_code,
            ", ".join(decoded.unknown_fields),
        )


def restage_load(connection: psycopg.Connection, account: Account, load: Load, settings: Settings) -> Load:
    """Stages every day of a load anew from its landed file after its staging table was lost; returns it as it is then.

    A load that another process has finished meanwhile stays as that one left it. No other process publishes to the
    load's series until the caller's transaction ends.

    Raises:
        LandingFailure: the landed file is gone or changed; ``reject_unreadable`` says so in the ledger.
    """
    lock_series(connection, account.account_id, load)
    status, _ = lock_load(connection, account.account_id, load.load_id)
    if status not in ("staged", "gated", "released"):
        return replace(load, status_code=status)
    logger.warning(
        "%s load %s (%s): its staging table is gone or out of date; decoding %s once more",
        account.account_id,
        load.load_id,
        load.dataset_code,
        load.document_path,
    )
    decoded = _decode(account, load, settings)
    everything = [
        StagedSlice(each.business_date, each.row_count, each.content_hash, True, _figures(decoded, each.business_date))
        for each in read_load_slices(connection, account.account_id, load.load_id)
    ]
    staged = _copy(connection, load, decoded, {each.business_date for each in everything})
    replace_load_slices(connection, account.account_id, load.load_id, everything)
    # Days that are staged only now may hold rows that cannot be accepted: unless they stand in quarantine, publishing
    # takes their old versions for gone.
    _quarantine(connection, account, load, decoded)
    refused = len(decoded.rejected)
    counts = {"staged_row_count": staged, "quarantined_row_count": refused}
    update_load(connection, account.account_id, load.load_id, "mark_restaged", counts)
    return replace(load, status_code=status, staged_row_count=staged, quarantined_row_count=refused)


def reject_unreadable(
    account: Account, load: Load, failure: LandingFailure, status_codes: Collection[str], dsn: str | None
) -> str:
    """Gives up one load, if it is in one of ``status_codes``, because its document cannot be used; returns it in words.

    Nothing else is held up: days that are owed are asked for again by the next run.
    """
    values = {"reason": str(failure), "status_codes": list(status_codes)}
    with transaction(dsn) as connection:
        update_load(connection, account.account_id, load.load_id, "reject_load", values)
    return f"{account.account_id} {load.dataset_code} load {load.load_id}: {failure}"


def _quarantine(connection: psycopg.Connection, account: Account, load: Load, decoded: Decoded) -> None:
    replace_quarantine(
        connection,
        account.account_id,
        load.load_id,
        (QuarantinedRow(r.row_number, r.business_date, r.asin, r.field, r.reason, r.raw_row) for r in decoded.rejected),
    )


def _note_undelivered(connection: psycopg.Connection, account: Account, load: Load, decoded: Decoded) -> None:
    """What Amazon did not give is no bad row: the gate counts it apart, and the rest of the day is asked for again."""
    undelivered = sum(row.is_undelivered for row in decoded.rejected)
    if undelivered:
        counted = {"undelivered_row_count": undelivered}
        update_load(connection, account.account_id, load.load_id, "note_undelivered", counted)


def _decode(account: Account, load: Load, settings: Settings) -> Decoded:
    if load.document_path is None or load.document_sha256 is None:
        raise LandingFailure(f"{account.account_id} load {load.load_id} has no landed document")
    dataset = DATASETS[load.dataset_code]
    is_supplied = load.variant_code in dataset.supplied_variants
    read = read_client_file if is_supplied else read_document
    data = read(
        settings.landing,
        load.document_path,
        load.document_sha256,
        limit_bytes=settings.max_document_mebibytes * 1024 * 1024,
    )
    asked = load.request_id is not None
    # A client's file says nothing of its own day; staged anew, it must still be that on which it came.
    received_on = local_date(load.requested_at, account.marketplace.time_zone) if is_supplied else None
    expected = ExpectedReport(
        account_id=account.account_id,
        marketplace_id=account.marketplace.marketplace_id,
        currency_code=account.marketplace.currency_code,
        variant=load.variant_code,
        window_start=load.window_start_date if asked else received_on,
        window_end=load.window_end_date if asked else received_on,
        report_period=load.report_period_code,
        amazon_seller_ids=account.amazon_seller_ids,
        own_seller_ids=frozenset(account.own_seller_ids),
        time_zone=account.marketplace.time_zone,
    )
    return decode_document(data, dataset, expected, load.document_path)


def _compare(connection: psycopg.Connection, account: Account, load: Load, decoded: Decoded) -> list[StagedSlice]:
    """The document's days, each marked changed unless the published bytes are the same."""
    if not decoded.slices:
        return []
    published = read_slices(
        connection,
        account.account_id,
        load.dataset_code,
        load.variant_code,
        min(decoded.slices),
        max(decoded.slices),
    )

    def differs(day: date, content_hash: str) -> bool:
        known = published.get(day)
        return known is None or known.status_code != "published" or known.content_hash != content_hash

    return [
        StagedSlice(
            day, digest.row_count, digest.content_hash, differs(day, digest.content_hash), _figures(decoded, day)
        )
        for day, digest in sorted(decoded.slices.items())
    ]


def _figures(decoded: Decoded, day: date) -> dict[str, str | None]:
    """The report's own totals of ``day``, as text that loses no digit."""
    figures = decoded.aggregates.get(day, {})
    return {column: None if figure is None else str(figure) for column, figure in figures.items()}


def _copy(connection: psycopg.Connection, load: Load, decoded: Decoded, wanted: set[date]) -> int:
    return copy_rows(
        connection,
        load.dataset_code,
        load.load_id,
        decoded.columns,
        COPY_OPTIONS,
        decoded.csv_chunks(only_days=wanted),
    )
