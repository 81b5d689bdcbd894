"""The days on which demand is not usual: what Daybreak ships, changed by what the operator writes beside it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from daybreak.accounts import MARKETPLACES
from daybreak.settings import Settings

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAY_OF_YEAR = re.compile(r"(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_WEEKDAY_OF_MONTH = re.compile(
    rf"(?P<nth>[1-5]|last) (?P<weekday>{'|'.join(_WEEKDAYS)}) (?P<month>{'|'.join(_MONTHS)})"
)
_EXPECTED = " (expected)"


class EventsFileError(ValueError):
    """A file of events cannot be used; names the file, the event and what is wrong."""


@dataclass(frozen=True, order=True)
class Event:
    """One event in one marketplace (country code), both days included. An unannounced one says so in its name."""

    marketplace_code: str
    first_date: date
    last_date: date
    name: str

    @property
    def identity(self) -> tuple[str, str, int]:
        """What the operator's file replaces: marketplace, announced or expected name, and year of its first day."""
        return self.marketplace_code, self.name.removesuffix(_EXPECTED), self.first_date.year


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid")
    first: date
    last: date


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=100)]
    marketplaces: Literal["all"] | list[str]
    dates: list[_Span] = []
    rule: str | None = None
    days_from: int = Field(0, alias="from", ge=-30, le=30)
    days_to: int = Field(0, alias="to", ge=-30, le=60)
    years: tuple[int, int] | None = None
    expected: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.dates) == (self.rule is not None):
            raise ValueError(f"{self.name}: give either dates or a rule")
        if self.rule is not None and self.years is None:
            raise ValueError(f"{self.name}: a rule needs years, such as [2026, 2028]")
        unknown = [code for code in self.codes if code not in MARKETPLACES]
        if unknown:
            raise ValueError(f"{self.name}: {', '.join(unknown)} is none of {', '.join(MARKETPLACES)}")
        for first, last in self.spans():
            if last < first:
                raise ValueError(f"{self.name}: it ends on {last}, before it begins on {first}")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(MARKETPLACES) if self.marketplaces == "all" else tuple(self.marketplaces)

    def spans(self) -> Iterator[tuple[date, date]]:
        for span in self.dates:
            yield span.first, span.last
        if self.rule is not None and self.years is not None:
            for year in range(self.years[0], self.years[1] + 1):
                day = moving_day(self.rule, year)
                yield day + timedelta(days=self.days_from), day + timedelta(days=self.days_to)

    def events(self) -> Iterator[Event]:
        name = self.name + (_EXPECTED if self.expected else "")
        for first, last in self.spans():
            for code in self.codes:
                yield Event(code, first, last, name)


class _Removed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    marketplaces: Literal["all"] | list[str]
    years: tuple[int, int]


class _EventsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    events: list[_Entry] = []
    removed: list[_Removed] = []


def moving_day(rule: str, year: int) -> date:
    """The day of ``year`` that ``rule`` names: ``MM-DD``, ``easter``, ``black_friday``, ``4 thursday november``.

    Raises:
        ValueError: no such rule, or no such day in that year.
    """
    if rule == "easter":
        return easter(year)
    if rule == "black_friday":
        return _weekday_of_month(year, 11, 3, 4) + timedelta(days=1)
    if fixed := _DAY_OF_YEAR.fullmatch(rule):
        return date(year, int(fixed["month"]), int(fixed["day"]))
    if moving := _WEEKDAY_OF_MONTH.fullmatch(rule):
        nth = -1 if moving["nth"] == "last" else int(moving["nth"])
        return _weekday_of_month(year, _MONTHS.index(moving["month"]) + 1, _WEEKDAYS.index(moving["weekday"]), nth)
    raise ValueError(
        f"{rule!r} is no rule: give MM-DD, easter, black_friday, or a weekday of a month such as 4 thursday november"
    )


def easter(year: int) -> date:
    """Western Easter Sunday in the Gregorian calendar (the anonymous algorithm of Nature, 1876, as Meeus gives it)."""
    golden, century, in_century = year % 19, year // 100, year % 100
    corrections = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + corrections + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    shift = epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) // 451) + 114
    return date(year, shift // 31, shift % 31 + 1)


def read_events(settings: Settings) -> list[Event]:
    """What holds: the shipped events and the operator's, in order; of one name, marketplace and year the operator's.

    Raises:
        EventsFileError: a file cannot be used; the message names it and what is wrong.
    """
    is_named = settings.own_events_file is not None
    own = _read(settings.own_events_path) if is_named or settings.own_events_path.exists() else _EventsFile()
    changed = [event for entry in own.events for event in entry.events()]
    gone = {event.identity for event in changed} | set(_removed(own.removed))
    shipped = (event for entry in _read(settings.shipped_events_path).events for event in entry.events())
    return sorted({*changed, *(event for event in shipped if event.identity not in gone)})


def _removed(entries: Iterable[_Removed]) -> Iterator[tuple[str, str, int]]:
    for entry in entries:
        codes = MARKETPLACES if entry.marketplaces == "all" else entry.marketplaces
        for year in range(entry.years[0], entry.years[1] + 1):
            yield from ((code, entry.name.removesuffix(_EXPECTED), year) for code in codes)


def _read(path: Path) -> _EventsFile:
    try:
        raw = yaml.safe_load(path.read_text()) or {}
    except FileNotFoundError:
        raise EventsFileError(f"{path} is missing: restore it, or correct DAYBREAK_OWN_EVENTS_FILE") from None
    except (yaml.YAMLError, ValueError) as error:  # PyYAML lets a date that is none through as the latter
        raise EventsFileError(f"{path} is not YAML: {error}") from None
    try:
        return _EventsFile.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise EventsFileError(f"{path}: {problems}") from None


def _weekday_of_month(year: int, month: int, weekday: int, nth: int) -> date:
    """The ``nth`` ``weekday`` (Monday is 0) of a month; -1 is its last one."""
    if nth < 0:
        last = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    if found.month != month:
        raise ValueError(f"{year} has no {nth}th {_WEEKDAYS[weekday]} in {_MONTHS[month - 1]}")
    return found
