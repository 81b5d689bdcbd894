"""Documents that are decoded row by row: their dates, hashes and refusals; and answers that are collected in parts."""

import gzip
import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.landing.parts import Parts
from daybreak.landing.records import Records
from daybreak.landing.rejections import RowProblem
from tests.unit.landing.report_documents import read_csv

FIRST = date(2026, 11, 1)
ROWS = st.lists(st.tuples(st.integers(0, 3), st.text(max_size=4), st.booleans()), max_size=40)


def fill(rows: list[tuple[int, str, bool]]) -> Records:
    """A row per entry: its day, its text, and whether it is accepted."""
    records = Records("document", ("words",), FIRST, FIRST + timedelta(days=3))
    for offset, text, is_good in rows:
        day, raw = FIRST + timedelta(days=offset), json.dumps(text).encode()
        if is_good:
            records.accept(day, (text,), raw)
        else:
            records.reject(raw, RowProblem("words", "wrong"), day=day)
    return records


@given(ROWS)
def test_a_dates_hash_is_that_of_the_bytes_of_all_its_rows_in_their_order(rows: list[tuple[int, str, bool]]) -> None:
    slices = fill(rows).slices
    for offset in range(4):
        bytes_of_day = [json.dumps(text).encode() for at, text, _ in rows if at == offset]
        day = FIRST + timedelta(days=offset)
        if bytes_of_day:
            assert slices[day].content_hash == sha256(b"".join(bytes_of_day)).hexdigest()
            assert slices[day].row_count == len(bytes_of_day)
        else:
            assert day not in slices


@given(ROWS, st.sets(st.integers(0, 3)))
def test_only_the_days_asked_for_are_written_and_only_their_refusals_told(
    rows: list[tuple[int, str, bool]], wanted: set[int]
) -> None:
    records = fill(rows)
    days = {FIRST + timedelta(days=offset) for offset in wanted}
    lines = read_csv(b"".join(records.csv_chunks(days)).decode())
    numbered = [(number, *row) for number, row in enumerate(rows, 1)]
    assert sorted(lines, key=lambda line: int(str(line[0]))) == [
        [str(number), str(FIRST + timedelta(days=at)), text] for number, at, text, is_good in numbered
        if is_good and at in wanted
    ]  # fmt: skip
    assert [row.row_number for row in records.rejected] == [
        number for number, at, _, is_good in numbered if not is_good and at in wanted
    ]
    assert records.row_count == len(rows)


def test_a_row_of_no_date_is_told_whatever_days_are_asked_for_and_belongs_to_no_slice() -> None:
    records = fill([(0, "a", True)])
    records.reject(b'{"asin": "B1"}', RowProblem(None, "no date"))
    assert list(records.csv_chunks({FIRST + timedelta(days=2)})) == []
    assert [(row.row_number, row.business_date, row.asin) for row in records.rejected] == [(2, None, "B1")]
    assert records.slices[FIRST].row_count == 1


def test_a_document_of_many_rows_comes_in_pieces_that_are_together_what_it_holds() -> None:
    records = fill([(0, str(number), True) for number in range(5000)])
    chunks = list(records.csv_chunks())
    assert len(chunks) == 3
    assert [line[2] for line in read_csv(b"".join(chunks).decode())] == [str(number) for number in range(5000)]


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts.of(tmp_path, "acme", 7)


def test_parts_written_in_any_order_are_one_gzip_document_in_the_order_of_their_numbers(parts: Parts) -> None:
    parts.write(10, [b'{"n": 10}'])
    parts.write(2, [b'{"n": 2}', b'{"n": 3}'])
    assert gzip.decompress(b"".join(parts.chunks())) == b'{"n": 2}\n{"n": 3}\n{"n": 10}\n'
    assert parts.read(2) == [{"n": 2}, {"n": 3}]


def test_the_next_attempt_finds_what_is_there_and_a_part_cut_short_is_none(parts: Parts) -> None:
    parts.write(0, [b"{}"])
    (parts.folder / "000001.jsonl.partial").write_bytes(b"half a par")
    next_attempt = Parts.of(parts.folder.parents[2], "acme", 7)
    assert next_attempt.has(0)
    assert not next_attempt.has(1)
    assert gzip.decompress(b"".join(next_attempt.chunks())) == b"{}\n"
    next_attempt.write(1, [b'{"n": 1}'])
    assert gzip.decompress(b"".join(next_attempt.chunks())) == b'{}\n{"n": 1}\n'


def test_a_failure_while_a_part_is_written_leaves_no_part(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("daybreak.landing.parts.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        parts.write(0, [b"{}"])
    assert not parts.has(0)
    assert list(parts.chunks()) == []


def test_two_collections_do_not_see_each_others_parts_and_a_discarded_one_is_gone(parts: Parts) -> None:
    other = Parts.of(parts.folder.parents[2], "acme", 8)
    parts.write(0, [b"{}"])
    other.write(0, [b"[]"])
    parts.discard()
    assert not parts.folder.exists()
    assert other.read(0) == [[]]
    parts.discard()  # nothing there is no failure
