"""Reads the rows of a document into typed structs, one at a time: a bad row costs only itself."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NoReturn

import msgspec
import msgspec.inspect

from daybreak.landing.rejections import ROW_ERRORS, RowProblem, RowRefused, explain, is_unknown_field

# Far beyond any figure of Amazon's, and small enough for every computation and column.
_TOO_LARGE = 1e15

Fields = Sequence[tuple[str, Any] | tuple[str, Any, Any]]


class RowReader:
    """Rows with ``fields`` as ``msgspec.defstruct`` takes them. ``unknown_names`` are the fields met beside them.

    Numbers of type ``Decimal`` keep every digit that Amazon wrote, and only numbers are numbers: text is refused.
    """

    def __init__(self, name: str, fields: Fields) -> None:
        strict = msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True, gc=False)
        lenient = msgspec.defstruct(name, fields, kw_only=True, gc=False)
        self._known = frozenset(strict.__struct_fields__)
        self._numbers = frozenset(_decimal_names(msgspec.inspect.type_info(strict)))
        self._strict = msgspec.json.Decoder(strict).decode
        self._lenient = msgspec.json.Decoder(lenient).decode
        self.unknown_names: set[str] = set()

    def read(self, raw: msgspec.Raw | bytes) -> Any:
        """The row as a struct.

        Raises:
            one of ``ROW_ERRORS``: see :func:`problem_of`.
        """
        self._look_through(bytes(raw))
        try:
            return self._strict(raw)
        except msgspec.ValidationError as error:
            if not is_unknown_field(error):
                raise
        self.unknown_names |= msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).keys() - self._known
        return self._lenient(raw)

    def _look_through(self, raw: bytes) -> None:
        """Refuses what the typed decoder lets pass: a name given twice, of which it takes the last value; text for an
        exact number, which it converts; and what no column takes."""

        def note(pairs: list[tuple[str, Any]]) -> None:
            names = [name for name, _ in pairs]
            if len(set(names)) < len(names):
                repeated = next(name for name in names if names.count(name) > 1)
                refuse(repeated, "the field stands twice in the row")
            for name, value in pairs:
                if isinstance(value, str):
                    if name in self._numbers:
                        refuse(name, "expected a number, got text")
                    if "\x00" in value:
                        refuse(name, "holds a NUL character, which no text column takes")
                elif isinstance(value, float) and name in self._numbers and not abs(value) < _TOO_LARGE:
                    refuse(name, "the number is larger than any figure can be")

        with suppress(json.JSONDecodeError):  # the typed decoder says it better
            json.loads(raw, object_pairs_hook=note, parse_int=float)


def _decimal_names(kind: msgspec.inspect.Type) -> Iterator[str]:
    """The names of the exact numbers in a row, at any depth."""
    match kind:
        case msgspec.inspect.StructType(fields=fields):
            for each in fields:
                if any(isinstance(part, msgspec.inspect.DecimalType) for part in _parts(each.type)):
                    yield each.encode_name
                yield from _decimal_names(each.type)
        case msgspec.inspect.UnionType(types=types):
            for part in types:
                yield from _decimal_names(part)
        case msgspec.inspect.ListType(item_type=item):
            yield from _decimal_names(item)


def _parts(kind: msgspec.inspect.Type) -> Sequence[msgspec.inspect.Type]:
    return kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)


def refuse(field: str | None, what: str) -> NoReturn:
    """Raises: RowRefused, with ``field`` in Amazon's words and what is wrong with it."""
    raise RowRefused(RowProblem(field, what))


def problem_of(error: Exception, currency_code: str) -> RowProblem:
    """An error of ``ROW_ERRORS`` as field and reason in Daybreak's words."""
    return explain(error, currency_code)


def money(value: Decimal | None, got: str | None, currency_code: str, field: str) -> Decimal | None:
    """``value`` if its currency is the account's.

    Raises:
        RowRefused: another currency, or none beside an amount.
    """
    if value is not None and got != currency_code:
        refuse(field, f"the account's currency is {currency_code}, got {got!r}")
    return value


__all__ = ["ROW_ERRORS", "RowReader", "money", "problem_of", "refuse"]
