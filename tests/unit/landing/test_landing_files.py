"""Documents are kept as received, whatever happens, and verified when they are read."""

import errno
import gzip
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from daybreak.landing.failures import LandedFileChanged, NoDiskToSpare, UnreadableDocument
from daybreak.landing.files import StoredDocument, read_document, store_document

RECEIVED_AT = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
DOCUMENT = b'{"reportSpecification": {}}'
LIMIT = 1 << 20


def store(landing_dir: Path, content: bytes = DOCUMENT, **changes: Any) -> StoredDocument:
    usual: dict[str, Any] = {
        "account_id": "acme",
        "dataset_key": "sales_daily",
        "name": "report-744201",
        "chunks": [content[place : place + 7] for place in range(0, len(content), 7)],
        "received_at": RECEIVED_AT,
        "minimum_free_bytes": 0,
    }
    return store_document(landing_dir, **(usual | changes))


def read(landing_dir: Path, stored: StoredDocument, limit_bytes: int = LIMIT) -> bytes:
    return bytes(read_document(landing_dir, stored.path, stored.sha256, limit_bytes=limit_bytes))


def kept_files(landing_dir: Path) -> list[str]:
    return sorted(path.relative_to(landing_dir).as_posix() for path in landing_dir.rglob("*") if path.is_file())


def test_a_document_is_kept_byte_for_byte_under_a_name_that_says_what_it_holds(tmp_path: Path) -> None:
    stored = store(tmp_path)
    sha256 = hashlib.sha256(DOCUMENT).hexdigest()
    assert stored == StoredDocument(f"acme/sales_daily/2026/10/report-744201-{sha256[:12]}.bin", sha256, len(DOCUMENT))
    assert (tmp_path / stored.path).read_bytes() == DOCUMENT
    assert read(tmp_path, stored) == DOCUMENT
    assert kept_files(tmp_path) == [stored.path]


def test_the_month_is_that_of_utc(tmp_path: Path) -> None:
    in_rome = RECEIVED_AT.astimezone(timezone(timedelta(hours=1)))
    assert in_rome.month == 11
    assert "/2026/10/" in store(tmp_path, received_at=in_rome).path
    with pytest.raises(ValueError, match="time zone"):
        store(tmp_path, received_at=RECEIVED_AT.replace(tzinfo=None))


def test_the_same_bytes_again_make_no_second_file_and_touch_nothing(tmp_path: Path) -> None:
    first = store(tmp_path)
    before = (tmp_path / first.path).stat()
    assert store(tmp_path) == first
    after = (tmp_path / first.path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert kept_files(tmp_path) == [first.path]


def test_other_bytes_under_the_same_name_stand_beside_the_first(tmp_path: Path) -> None:
    first, second = store(tmp_path, b"{1}"), store(tmp_path, b"{2}")
    assert first.path != second.path
    assert (read(tmp_path, first), read(tmp_path, second)) == (b"{1}", b"{2}")


def test_a_damaged_file_is_not_overwritten_by_the_same_document_fetched_again(tmp_path: Path) -> None:
    first = store(tmp_path)
    (tmp_path / first.path).write_bytes(b"damaged")
    again = store(tmp_path)
    assert (tmp_path / first.path).read_bytes() == b"damaged"
    assert again.path != first.path
    assert read(tmp_path, again) == DOCUMENT
    (tmp_path / again.path).write_bytes(b"damaged too")
    with pytest.raises(LandedFileChanged, match="Move it away"):
        store(tmp_path)


@pytest.mark.parametrize(
    "hostile", ["../../etc", "..", "/etc/passwd", "a/../../b", "", ".", "x\x00y", "a" * 500, "\\..\\"]
)
def test_no_name_leads_out_of_the_landing_folder(tmp_path: Path, hostile: str) -> None:
    landing_dir = tmp_path / "landing"
    stored = store(landing_dir, account_id=hostile, dataset_key=hostile, name=hostile)
    assert (landing_dir / stored.path).resolve().is_relative_to(landing_dir.resolve())
    assert len(Path(stored.path).parts) == 5
    assert kept_files(tmp_path) == [f"landing/{stored.path}"]
    assert read(landing_dir, stored) == DOCUMENT


def test_a_download_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"the first half"
        raise ConnectionError("the line went dead")

    with pytest.raises(ConnectionError, match="went dead"):
        store(tmp_path, chunks=broken())
    assert kept_files(tmp_path) == []


def test_a_file_is_invisible_until_it_is_complete(tmp_path: Path) -> None:
    seen: list[str] = []

    def watched() -> Iterator[bytes]:
        yield b"{"
        seen.extend(kept_files(tmp_path))
        yield b"}"

    stored = store(tmp_path, chunks=watched())
    assert len(seen) == 1
    assert seen[0].endswith(".partial")
    assert kept_files(tmp_path) == [stored.path]


def test_landing_refuses_to_start_without_disk_to_spare(tmp_path: Path) -> None:
    def never() -> Iterator[bytes]:
        pytest.fail("the download was started")
        yield b""

    with pytest.raises(NoDiskToSpare, match=r"account acme, dataset sales_daily .* MiB free .* Free space"):
        store(tmp_path, chunks=never(), minimum_free_bytes=1 << 62)
    assert kept_files(tmp_path) == []


def test_a_disk_that_fills_up_on_the_way_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(NoDiskToSpare, match="filled up"):
        store(tmp_path)
    assert kept_files(tmp_path) == []


def test_another_disk_error_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        store(tmp_path)
    assert kept_files(tmp_path) == []


@pytest.mark.parametrize("content", [b"{", DOCUMENT + b" ", b""])
def test_a_file_changed_on_disk_is_not_read(tmp_path: Path, content: bytes) -> None:
    stored = store(tmp_path)
    (tmp_path / stored.path).write_bytes(content)
    with pytest.raises(LandedFileChanged, match=f"{stored.path}.*changed after it was received"):
        read(tmp_path, stored)


def test_a_lost_file_says_so(tmp_path: Path) -> None:
    stored = store(tmp_path)
    (tmp_path / stored.path).unlink()
    with pytest.raises(LandedFileChanged, match=r"gone.*Restore it from a backup"):
        read(tmp_path, stored)


@pytest.mark.parametrize("path", ["../outside.bin", "/etc/hostname", "acme/../../outside.bin"])
def test_nothing_outside_the_landing_folder_is_read(tmp_path: Path, path: str) -> None:
    landing_dir = tmp_path / "landing"
    landing_dir.mkdir()
    (tmp_path / "outside.bin").write_bytes(DOCUMENT)
    with pytest.raises(LandedFileChanged, match="outside the landing folder"):
        read_document(landing_dir, path, hashlib.sha256(DOCUMENT).hexdigest(), limit_bytes=LIMIT)


def test_gzip_is_known_by_its_bytes_in_one_or_several_parts(tmp_path: Path) -> None:
    assert read(tmp_path, store(tmp_path, gzip.compress(DOCUMENT))) == DOCUMENT
    assert read(tmp_path, store(tmp_path, gzip.compress(DOCUMENT[:9]) + gzip.compress(DOCUMENT[9:]))) == DOCUMENT


def test_a_byte_order_mark_is_no_part_of_the_document(tmp_path: Path) -> None:
    assert read(tmp_path, store(tmp_path, b"\xef\xbb\xbf" + DOCUMENT)) == DOCUMENT
    assert read(tmp_path, store(tmp_path, gzip.compress(b"\xef\xbb\xbf" + DOCUMENT))) == DOCUMENT


@pytest.mark.parametrize("cut", range(len(gzip.compress(DOCUMENT, mtime=0))))
def test_gzip_cut_anywhere_is_unreadable_and_stays_on_disk(tmp_path: Path, cut: int) -> None:
    stored = store(tmp_path, gzip.compress(DOCUMENT, mtime=0)[:cut])
    with pytest.raises(UnreadableDocument) as caught:
        read(tmp_path, stored)
    assert stored.path in str(caught.value)
    assert (tmp_path / stored.path).stat().st_size == cut
    if cut >= 2:
        assert "cut off" in str(caught.value)


@pytest.mark.parametrize("place", [3, 12, -8, -1])
def test_damaged_gzip_is_unreadable(tmp_path: Path, place: int) -> None:
    content = bytearray(gzip.compress(DOCUMENT * 50, mtime=0))
    content[place] ^= 0xFF
    with pytest.raises(UnreadableDocument, match=r"the gzip stream is (damaged|cut off)"):
        read(tmp_path, store(tmp_path, bytes(content)))


@pytest.mark.parametrize("rubbish", [b"rubbish", b"rubbish " * 9, DOCUMENT])
def test_rubbish_after_gzip_is_unreadable(tmp_path: Path, rubbish: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"the gzip stream is (damaged|cut off)"):
        read(tmp_path, store(tmp_path, gzip.compress(DOCUMENT) + rubbish))


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        for _ in range(64):
            file.write(b" " * (1 << 20))
    stored = store(tmp_path, buffer.getvalue())
    assert stored.size_bytes < LIMIT
    with pytest.raises(UnreadableDocument, match=r"more than 1 MiB.*DAYBREAK_MAX_DOCUMENT_MEBIBYTES"):
        read(tmp_path, stored, limit_bytes=LIMIT)


def test_the_limit_is_for_plain_documents_too_and_is_itself_allowed(tmp_path: Path) -> None:
    for content in (DOCUMENT, gzip.compress(DOCUMENT)):
        stored = store(tmp_path, content)
        assert read(tmp_path, stored, limit_bytes=len(DOCUMENT)) == DOCUMENT
        with pytest.raises(UnreadableDocument, match="more than"):
            read(tmp_path, stored, limit_bytes=len(DOCUMENT) - 1)


EXPIRED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message>'
    b"<X-Amz-Expires>300</X-Amz-Expires><HostId>never-quote-me</HostId></Error>"
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b" \r\n", "is empty"),
        (
            b"<!DOCTYPE html><html><title>Website Temporarily\n Unavailable</title>",
            'HTML page .*"Website Temporarily Unavailable"',
        ),
        (b"\n<html><body>no</body></html>", "HTML page, not a report"),
        (EXPIRED, r'XML error document \("AccessDenied: Request has expired"\).*address anew: it lives for 5 minutes'),
        (b"<Error><Code>NoSuchKey</Code></Error>", r'XML error document \("NoSuchKey"\).*fetch the document again'),
        (b"<svg/>", "markup, not JSON"),
        (b"%PDF-1.7", "not JSON.*%PDF-1.7"),
        (b"asin\tunits\nB0\t3\n", "not JSON"),
        (DOCUMENT.decode().encode("utf-16"), "not JSON in UTF-8"),
    ],
)
def test_what_is_not_json_is_named_for_what_it_seems_to_be(tmp_path: Path, content: bytes, says: str) -> None:
    for received in (content, gzip.compress(content)):
        stored = store(tmp_path, received)
        with pytest.raises(UnreadableDocument, match=says) as caught:
            read(tmp_path, stored)
        assert stored.path in str(caught.value)
        assert "never-quote-me" not in str(caught.value)
        assert (tmp_path / stored.path).read_bytes() == received
