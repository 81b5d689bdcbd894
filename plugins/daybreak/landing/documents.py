"""A document's members, split but not yet typed; and plain words for what is no such document."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from daybreak.landing.failures import FailureDocument, UnreadableDocument
from daybreak.landing.rejections import ROW_ERRORS, is_unknown_field
from daybreak.sources import PeriodReport, VendorReport

Document = bytes | bytearray | memoryview

_NEXT_STEP = (
    "Nothing is published and the bytes stay as landed; fetch the document again, or ask Amazon for a new report"
)
_AT_BYTE = re.compile(r"(?P<what>.*) \(byte (?P<place>\d+)\)")
_ASIN_NAME = re.compile(rb'"asin"\s*:')
_EXCERPT_BYTES = 40
_LONGEST_DETAILS = 1000
_ABSENT = msgspec.Raw()


@dataclass(frozen=True)
class Members:
    """What a report document consists of; the rows are views into its bytes, not copies."""

    specification: msgspec.Raw
    aggregate: msgspec.Raw
    rows: list[msgspec.Raw]
    unknown_fields: frozenset[str]
    missing: tuple[str, ...]
    """Members that the schema requires and the document does not have."""

    def require_all(self, file_name: str) -> None:
        """Returns only if no member is missing.

        Raises:
            UnreadableDocument: names those that are.
        """
        if self.missing:
            raise UnreadableDocument(file_name, f"the document has no {' and no '.join(self.missing)}", _NEXT_STEP)


def split_document(data: Document, dataset: VendorReport, file_name: str) -> Members:
    """The members of the dataset's document.

    Raises:
        UnreadableDocument: not one JSON object to the end, without a specification, or the rows are no list.
        FailureDocument: Amazon's explanation instead of a report.
    """
    aggregate_member = dataset.aggregate_member if isinstance(dataset, PeriodReport) else None
    found, unknown = _split(data, aggregate_member, dataset.rows_member, file_name)
    specification, details, *aggregates, rows = msgspec.structs.astuple(found)
    aggregate = aggregates[0] if aggregates else _ABSENT
    if bytes(details):
        raise FailureDocument(file_name, _words(bytes(details)))
    if not bytes(specification):
        raise UnreadableDocument(file_name, "the document has no reportSpecification", _NEXT_STEP)
    given = ((aggregate_member, bool(bytes(aggregate))), (dataset.rows_member, rows is not None))
    missing = tuple(name for name, is_there in given if name is not None and not is_there)
    return Members(specification, aggregate, rows or [], unknown, missing)


@cache
def _document_type(aggregate_member: str | None, rows_member: str, *, is_strict: bool) -> type[msgspec.Struct]:
    rows: Any = list[msgspec.Raw] | None
    members = ("reportSpecification", "errorDetails", *((aggregate_member,) if aggregate_member else ()))
    return msgspec.defstruct(
        "document",
        [*((name, msgspec.Raw, _ABSENT) for name in members), (rows_member, rows, None)],
        forbid_unknown_fields=is_strict,
    )


def _split(
    data: Document, aggregate_member: str | None, rows_member: str, file_name: str
) -> tuple[msgspec.Struct, frozenset[str]]:
    strict, lenient = (_document_type(aggregate_member, rows_member, is_strict=flag) for flag in (True, False))
    try:
        try:
            return msgspec.json.decode(data, type=strict), frozenset()
        except msgspec.ValidationError as error:
            if not is_unknown_field(error):
                raise
            members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
            unknown = frozenset(f"$.{name}" for name in members.keys() - set(strict.__struct_fields__))
            return msgspec.json.decode(data, type=lenient), unknown
    except ROW_ERRORS as error:
        raise _malformed(error, data, file_name) from None


def _words(details: bytes) -> str:
    """Amazon's explanation as one printable line, whatever JSON it stands in."""
    try:
        text = str(msgspec.json.decode(details))
    except ROW_ERRORS:
        text = details.decode("utf-8", "backslashreplace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_LONGEST_DETAILS]


def _malformed(error: Exception, data: Document, file_name: str) -> UnreadableDocument:
    size = f"{len(data):,} bytes"
    if isinstance(error, RecursionError):
        problem = "it nests deeper than any report"
    elif isinstance(error, msgspec.ValidationError):
        problem = f"it is not a report document: {str(error).replace('`', '')}"
    elif (at := _AT_BYTE.fullmatch(str(error))) is not None:
        place = int(at["place"])
        excerpt = repr(bytes(data[max(0, place - _EXCERPT_BYTES // 2) : place + _EXCERPT_BYTES // 2]))[1:]
        what = at["what"].removeprefix("JSON is malformed: ")
        problem = f"{what} at byte {place:,} of {size}{_near_row(data, place)}, at {excerpt}"
    else:
        problem = f"the JSON is cut off: it ends after {size}{_near_row(data, len(data))}"
    return UnreadableDocument(file_name, problem, _NEXT_STEP)


def _near_row(data: Document, place: int) -> str:
    row_number = sum(1 for _ in _ASIN_NAME.finditer(memoryview(data)[:place]))
    return f", in row {row_number} or after it" if row_number else ""
