"""A client's CSV as spreadsheets write it: its encoding, delimiter and header found, its rows with their lines."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from daybreak.landing.client_numbers import NumberStyle, find_style
from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument

_DELIMITERS = (";", ",", "\t", "|")
_FOREIGN = {b"PK\x03\x04": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook", b"%PDF": "a PDF"}
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_NEXT_STEP = "Nothing is loaded. Correct the file and load it again"
_SAVE_AS_CSV = "Nothing is loaded. Save it as CSV (in Excel: Save as, CSV UTF-8) and load that"
_SPREADSHEET_TEXT = re.compile(r'="(.*)"', re.DOTALL)


@dataclass(frozen=True)
class ClientRow:
    """One row that says something. ``line`` is the line of the file that it begins in, from 1.

    ``cells`` are its texts by our column names, without empty ones; ``extra`` those beyond the header's columns.
    """

    line: int
    cells: Mapping[str, str]
    extra: tuple[str, ...]


@dataclass(frozen=True)
class ClientTable:
    """A whole file. ``headers`` are the file's own words by our column names, ``unknown`` those that mean nothing."""

    headers: Mapping[str, str]
    unknown: tuple[str, ...]
    rows: tuple[ClientRow, ...]
    numbers: NumberStyle


def read_table(
    data: Document,
    names: Mapping[str, tuple[str, ...]],
    *,
    required: tuple[str, ...],
    numeric: tuple[str, ...],
    file_name: str,
) -> ClientTable:
    """The rows of ``data`` by the columns of ``names``: our name, and the other words that a header may use for it.

    The cells of the ``numeric`` columns tell how the file writes numbers.

    Raises:
        UnreadableDocument: no CSV, no header with the ``required`` columns, two columns of one meaning, or quotes that
            are never closed.
    """
    text = _decode(bytes(data), file_name)
    known = {_plain_word(word): column for column, words in names.items() for word in (column, *words)}
    delimiter, body_line, body = _split_off_delimiter(text, known)
    lines = _lines(body, delimiter, body_line, file_name)
    _, header = next(lines, (0, []))
    columns = [known.get(_plain_word(cell)) for cell in header]
    _check_header(header, columns, required, file_name)
    rows = tuple(row for line, cells in lines if (row := _row(line, cells, columns)) is not None)
    return ClientTable(
        headers={column: cell.strip() for column, cell in zip(columns, header, strict=True) if column},
        unknown=tuple(
            cell.strip() for column, cell in zip(columns, header, strict=True) if not column and cell.strip()
        ),
        rows=rows,
        numbers=find_style((row.cells[name] for row in rows for name in numeric if name in row.cells), delimiter),
    )


def _decode(data: bytes, file_name: str) -> str:
    """The text in UTF-8, UTF-16 or, where it is neither, Windows-1252, without its byte order mark."""
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise UnreadableDocument(file_name, f"this is {what}, not a CSV file", _SAVE_AS_CSV)
    encoding = _UTF16.get(data[:2]) or _bare_utf16(data)
    try:
        text = data.decode(encoding) if encoding else _decode_bytes(data)
    except UnicodeDecodeError:
        raise UnreadableDocument(file_name, "its text is cut off or damaged", _NEXT_STEP) from None
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise UnreadableDocument(file_name, "it holds binary data, not text", _SAVE_AS_CSV)
    if not text.strip():
        raise UnreadableDocument(file_name, f"it is empty ({len(data):,} bytes)", _NEXT_STEP)
    return text


def _bare_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark shows by the zero byte beside each letter of a header."""
    head = data[:64]
    if len(data) % 2 or b"\x00" not in head:
        return None
    if not any(head[0::2]) or not any(head[1::2]):
        return "utf-16-be" if not any(head[0::2]) else "utf-16-le"
    return None


def _decode_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Five of its bytes mean nothing; Excel never writes these.
        return data.decode("cp1252")


def _split_off_delimiter(text: str, known: Mapping[str, str]) -> tuple[str, int, str]:
    """The delimiter, the line that the table begins in, and the table."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)
    if named:
        return named[1], 2, rest

    def recognised(delimiter: str) -> int:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(_plain_word(cell) in known for cell in header)

    return max(_DELIMITERS, key=recognised), 1, text


def _lines(text: str, delimiter: str, first_line: int, file_name: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line that it begins in; a quoted cell may hold line breaks.

    Raises:
        UnreadableDocument: quotes that open and are never closed swallow the rest of the file.
    """
    taken: list[str] = []

    def physical() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(physical(), delimiter=delimiter)
    line = first_line
    try:
        for cells in reader:
            if len(taken) > 1 and "".join(taken).count('"') % 2:
                raise _never_closed(line, file_name)
            yield line, cells
            line += len(taken)
            taken.clear()
    except csv.Error:
        raise _never_closed(line, file_name) from None


def _never_closed(line: int, file_name: str) -> UnreadableDocument:
    return UnreadableDocument(file_name, f"the quotes that open in line {line} are never closed", _NEXT_STEP)


def _check_header(header: list[str], columns: list[str | None], required: tuple[str, ...], file_name: str) -> None:
    missing = [column for column in required if column not in columns]
    if missing:
        seen = ", ".join(repr(cell.strip()[:40]) for cell in header[:20]) or "nothing"
        raise UnreadableDocument(
            file_name, f"its first line names no column {', '.join(missing)}; it has {seen}", _NEXT_STEP
        )
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        both = ", ".join(repr(cell.strip()) for cell, column in zip(header, columns, strict=True) if column == twice[0])
        raise UnreadableDocument(file_name, f"several of its columns mean {twice[0]}: {both}", _NEXT_STEP)


def _row(line: int, cells: list[str], columns: list[str | None]) -> ClientRow | None:
    texts = [_cell(cell) for cell in cells]
    if not any(texts):
        return None
    known = {column: text for column, text in zip(columns, texts, strict=False) if column and text}
    return ClientRow(line, known, tuple(text for text in texts[len(columns) :] if text))


def _cell(cell: str) -> str:
    """The cell's text on one line, without blanks around it; ``="0123"`` is how a spreadsheet keeps leading zeros."""
    text = " ".join(cell.split())
    kept = _SPREADSHEET_TEXT.fullmatch(text)
    return kept[1].strip() if kept else text


def _plain_word(text: str) -> str:
    """A header's word without accents, case and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]+", "_", "".join(c for c in letters if not unicodedata.combining(c))).strip("_")
