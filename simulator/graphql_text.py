"""GraphQL query texts read into nested fields: the part of the language that Data Kiosk queries are written in.

One anonymous or named ``query`` with fields, arguments and selections. Aliases, variables, fragments and directives
are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'(?P<skip>[\s,\ufeff]+|#[^\n]*)|(?P<name>[_A-Za-z]\w*)|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<mark>[{}():])'
)
_END = ""


class GraphqlError(ValueError):
    """The text is no query that can be read; the message says what was found where."""


@dataclass(frozen=True)
class Field:
    """One field with its arguments (texts and enum values alike as strings) and what is selected below it."""

    name: str
    line: int
    column: int
    arguments: Mapping[str, str] = field(default_factory=dict)
    fields: tuple["Field", ...] = ()

    def child(self, name: str) -> "Field | None":
        return next((item for item in self.fields if item.name == name), None)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int


def shortened(text: str) -> str:
    """``text`` without unnecessary whitespace, which Amazon does not count."""
    return re.sub(r"\s*([{}():,])\s*", r"\1", re.sub(r"\s+", " ", text.strip()))


def read_query(text: str) -> tuple[Field, ...]:
    """The top-level fields of the query in ``text``.

    Raises:
        GraphqlError: it is no query, or uses a part of the language that is not read here.
    """
    reader = _Reader(_tokens(text))
    reader.take_heading()
    fields = reader.selection()
    reader.expect_end()
    return fields


def _tokens(text: str) -> Iterator[_Token]:
    position, line, line_start = 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        column = position - line_start + 1
        if match is None:
            raise GraphqlError(f"Invalid syntax with offending token '{text[position]}' at line {line} column {column}")
        found = match.group()
        if match.lastgroup != "skip":
            yield _Token(str(match.lastgroup), found, line, column)
        if "\n" in found:
            line += found.count("\n")
            line_start = position + found.rindex("\n") + 1
        position = match.end()
    yield _Token("end", _END, line, position - line_start + 1)


class _Reader:
    def __init__(self, tokens: Iterator[_Token]) -> None:
        self._tokens = tokens
        self._next = next(tokens)

    def take_heading(self) -> None:
        """The word ``query`` and a name may stand before the braces."""
        if self._next.kind == "name":
            if self._take().text != "query":
                raise GraphqlError("Only queries are supported")
            if self._next.kind == "name":
                self._take()

    def selection(self) -> tuple[Field, ...]:
        self._mark("{")
        fields: list[Field] = []
        while self._next.text != "}":
            fields.append(self._field())
        self._mark("}")
        if not fields:
            raise GraphqlError("A selection must name at least one field")
        return tuple(fields)

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self._unexpected()

    def _field(self) -> Field:
        name = self._name()
        arguments: dict[str, str] = {}
        if self._next.text == "(":
            self._mark("(")
            while self._next.text != ")":
                argument = self._name().text
                self._mark(":")
                if argument in arguments:
                    raise GraphqlError(f"There can be only one argument named '{argument}'")
                arguments[argument] = self._value()
            self._mark(")")
        fields = self.selection() if self._next.text == "{" else ()
        return Field(name.text, name.line, name.column, arguments, fields)

    def _value(self) -> str:
        if self._next.kind not in {"name", "text"}:
            raise self._unexpected()
        token = self._take()
        return token.text.strip('"')

    def _name(self) -> _Token:
        if self._next.kind != "name":
            raise self._unexpected()
        return self._take()

    def _mark(self, text: str) -> None:
        if self._next.kind != "mark" or self._next.text != text:
            raise self._unexpected()
        self._take()

    def _take(self) -> _Token:
        token = self._next
        if token.kind == "end":
            raise self._unexpected()
        self._next = next(self._tokens)
        return token

    def _unexpected(self) -> GraphqlError:
        found = self._next
        shown = f"'{found.text}'" if found.text else "the end of the text"
        return GraphqlError(f"Invalid syntax with offending token {shown} at line {found.line} column {found.column}")
