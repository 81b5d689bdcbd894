"""Documents on disk: kept as received, never changed, never overwritten, and verified whenever they are read."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from daybreak.landing.contents import unpack
from daybreak.landing.failures import LandedFileChanged, NoDiskToSpare, UnreadableDocument

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_LONGEST_NAME = 120
PARTIAL_SUFFIX = ".partial"
"""What a document is called until its last byte is safe."""


@dataclass(frozen=True)
class StoredDocument:
    """A landed file: ``path`` relative to the landing folder with ``/``, and what exactly it holds."""

    path: str
    sha256: str
    size_bytes: int


def store_document(
    landing_dir: Path,
    account_id: str,
    dataset_key: str,
    name: str,
    chunks: Iterable[bytes],
    *,
    received_at: datetime,
    minimum_free_bytes: int,
) -> StoredDocument:
    """Keeps ``chunks`` as ``<account>/<dataset>/<YYYY>/<MM>/<name>-<sha256, 12 digits>.bin``, month in UTC.

    Afterwards the file holds every byte and survives a power cut. The same bytes under the same name make no second
    file; other bytes never replace it. If ``chunks`` raises, nothing is left and the error passes on.

    Raises:
        NoDiskToSpare: less than ``minimum_free_bytes`` are free, or the disk fills up on the way.
    """
    if received_at.tzinfo is None:
        raise ValueError(f"received_at needs a time zone: {received_at.isoformat()}")
    month = received_at.astimezone(UTC)
    folder = landing_dir.joinpath(_safe(account_id), _safe(dataset_key), f"{month:%Y}", f"{month:%m}")
    what = f"a document of account {account_id}, dataset {dataset_key}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_full_disk(landing_dir, minimum_free_bytes, what)
        descriptor, partial_name = tempfile.mkstemp(prefix=".", suffix=PARTIAL_SUFFIX, dir=folder)
        partial = Path(partial_name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                sha256, size_bytes = _write(file, chunks)
            final = _place(partial, folder, _safe(name), sha256)
        finally:
            partial.unlink(missing_ok=True)
        _sync_folders(folder, landing_dir)
    except OSError as error:
        if error.errno not in _DISK_IS_FULL:
            raise
        raise NoDiskToSpare(
            f"the landing disk filled up while {what} was written to {landing_dir}; nothing of it was kept. "
            "Free space or move the landing folder (DAYBREAK_LANDING_DIR), then run the step again"
        ) from None
    return StoredDocument(final.relative_to(landing_dir).as_posix(), sha256, size_bytes)


def read_document(landing_dir: Path, path: str, sha256: str, *, limit_bytes: int) -> bytes | memoryview:
    """The document at ``path``, unpacked if it is gzip by its first bytes, whatever Amazon called it.

    Raises:
        LandedFileChanged: the file is gone, lies outside ``landing_dir`` or does not hash to ``sha256``.
        UnreadableDocument: truncated or damaged gzip, more than ``limit_bytes`` unpacked, empty, HTML, XML, not JSON.
    """
    return unpack(_read_received(landing_dir, path, sha256), file_name=path, limit_bytes=limit_bytes)


def read_client_file(landing_dir: Path, path: str, sha256: str, *, limit_bytes: int) -> bytes:
    """The client's own file at ``path``, as it was received.

    Raises:
        LandedFileChanged: the file is gone, lies outside ``landing_dir`` or does not hash to ``sha256``.
        UnreadableDocument: more than ``limit_bytes``.
    """
    received = _read_received(landing_dir, path, sha256)
    if len(received) > limit_bytes:
        raise UnreadableDocument(
            path,
            f"it holds more than {limit_bytes >> 20:,} MiB, which no list of a client does",
            "Nothing is loaded. Split it, or raise DAYBREAK_MAX_DOCUMENT_MEBIBYTES",
        )
    return received


def _read_received(landing_dir: Path, path: str, sha256: str) -> bytes:
    """The bytes of a landed file, verified."""
    file_path = (landing_dir / path).resolve()
    if not file_path.is_relative_to(landing_dir.resolve()):
        raise LandedFileChanged(f"{path}: lies outside the landing folder {landing_dir}; correct its ledger row")
    try:
        received = file_path.read_bytes()
    except FileNotFoundError:
        raise LandedFileChanged(
            f"{path}: the landed file is gone from {landing_dir}. "
            "Restore it from a backup, or ask Amazon for the report again"
        ) from None
    found = hashlib.sha256(received).hexdigest()
    if found != sha256:
        raise LandedFileChanged(
            f"{path}: the landed file was changed after it was received (sha256 {found[:12]}…, ledger {sha256[:12]}…). "
            "Nothing was read from it. Restore it from a backup, or ask Amazon for the report again"
        )
    return received


def _safe(part: str) -> str:
    """One path component that stays inside its folder, whatever ``part`` holds."""
    cleaned = re.sub(r"[^A-Za-z0-9._=-]", "_", part).strip(".")[:_LONGEST_NAME]
    return cleaned or "unnamed"


def _refuse_full_disk(landing_dir: Path, minimum_free_bytes: int, what: str) -> None:
    free = shutil.disk_usage(landing_dir).free
    if free < minimum_free_bytes:
        raise NoDiskToSpare(
            f"{what} was not fetched: {landing_dir} has {free >> 20} MiB free and landing keeps "
            f"{minimum_free_bytes >> 20} MiB to spare. Free space, move the landing folder (DAYBREAK_LANDING_DIR) "
            "or lower DAYBREAK_MINIMUM_FREE_MEBIBYTES"
        )


def _write(file: BinaryIO, chunks: Iterable[bytes]) -> tuple[str, int]:
    digest = hashlib.sha256()
    size_bytes = 0
    for chunk in chunks:
        file.write(chunk)
        digest.update(chunk)
        size_bytes += len(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size_bytes


def _place(partial: Path, folder: Path, name: str, sha256: str) -> Path:
    """Gives the complete file its name, unless that name holds these bytes already."""
    # The whole hash serves where the short one is taken by other bytes: a damaged file keeps its place as evidence.
    for suffix in (sha256[:12], sha256):
        final = folder / f"{name}-{suffix}.bin"
        if not final.exists():
            partial.rename(final)
            return final
        if _hash_file(final) == sha256:
            return final
    raise LandedFileChanged(
        f"{final}: this file no longer holds the bytes that its name says. Move it away, then run the step again"
    )


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folders(folder: Path, landing_dir: Path) -> None:
    """Makes the new name, and folders made for it, survive a power cut."""
    for level in (folder, *folder.parents):
        descriptor = os.open(level, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if level == landing_dir:
            return
