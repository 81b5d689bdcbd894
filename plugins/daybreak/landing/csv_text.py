"""Lines of values as CSV text that Postgres' COPY reads back value for value."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

Value = str | int | float | Decimal | None
Line = tuple[Value, ...]

COPY_OPTIONS = "FORMAT csv, NULL 'null', ENCODING 'UTF8'"
"""The options with which COPY must read these lines: an unquoted null is no value, a quoted "null" is text."""

_BRACKETS = 2
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write_lines(lines: Sequence[Line]) -> bytes:
    """One CSV line for each of ``lines``, in UTF-8. Strings are quoted, numbers bare, None is ``null``.

    A JSON array without a backslash in it is, without its brackets, a CSV line already; only the lines that JSON had
    to escape (quotes, backslashes, control characters) are quoted the way of CSV, one by one.
    """
    if not lines:
        return b""
    encoded = _ENCODER.encode_lines(lines)
    if b"\\" not in encoded:
        bare = encoded.translate(None, b"[]")
        if len(encoded) - len(bare) == _BRACKETS * len(lines):
            return bare
        # Some text has brackets of its own. Rows meet at a bare line feed, which JSON never writes inside a string.
        return encoded[1:-2].replace(b"]\n[", b"\n") + b"\n"
    return b"".join(
        _quote(line) if b"\\" in array else array[1:-1] + b"\n"
        for line, array in zip(lines, encoded.split(b"\n"), strict=False)
    )


def _quote(line: Line) -> bytes:
    fields = (
        b'"' + value.replace('"', '""').encode() + b'"' if isinstance(value, str) else _ENCODER.encode(value)
        for value in line
    )
    return b",".join(fields) + b"\n"
