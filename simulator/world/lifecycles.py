"""What follows from catalogue and calendar: launches, endings, seasons and shopping events. None is an incident."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from simulator.world.catalogue import NEVER, Catalogue, Ints
from simulator.world.kinds import WHOLE_ACCOUNT, Incident, Kind
from simulator.world.seasons import day_events

LAUNCH_DAYS = 60
_PHASE_OUT_NOTICE_DAYS = 30
_LONGEST_EVENT_DAYS = 10
_SEASON_ENDS = {1: (8, 20, 60), 2: (2, 1, 70), 3: (12, 14, 45), 4: (9, 8, 40)}
"""Category to month, day and length of the fall after its season."""
_SEASON_NAMES = {1: "summer", 2: "winter", 3: "gifts", 4: "back to school"}


def notice_day(catalogue: Catalogue) -> Ints:
    """From here on the client means each product to end: a delisting strikes without notice."""
    return np.where(catalogue.is_delisted, catalogue.end_day, catalogue.end_day - _PHASE_OUT_NOTICE_DAYS)


def lifecycle_codes(catalogue: Catalogue, day: int) -> list[str]:
    """What the client would call each product on ``day``: launch, active, seasonal, phase_out or discontinued."""
    codes = np.where(catalogue.category > 0, "seasonal", "active").astype("<U12")
    codes[(catalogue.launch_day <= day) & (day < catalogue.launch_day + LAUNCH_DAYS)] = "launch"
    codes[~catalogue.is_delisted & (day >= notice_day(catalogue))] = "phase_out"
    codes[(catalogue.is_delisted & (day >= catalogue.end_day)) | (day >= catalogue.gone_day)] = "discontinued"
    return list(codes.tolist())


class Calendar:
    """The foreseeable look-alikes of one account."""

    def __init__(self, catalogue: Catalogue, first_date: date) -> None:
        self._catalogue = catalogue
        self._first_date = first_date

    def of(self, kind: Kind, first_day: int, last_day: int) -> list[Incident]:
        """Those of ``kind`` that hold on at least one of these days; none for a kind that is drawn."""
        catalogue = self._catalogue
        if kind is Kind.SHOPPING_EVENT:
            found = list(self._events(first_day, last_day))
        elif kind is Kind.SEASON_END:
            found = list(self._season_ends(first_day, last_day))
        elif kind is Kind.LAUNCH:
            found = self._spans(kind, catalogue.launch_day, catalogue.launch_day + LAUNCH_DAYS - 1)
        elif kind is Kind.PHASE_OUT:
            found = self._spans(kind, np.where(catalogue.is_delisted, NEVER, catalogue.end_day), catalogue.gone_day)
        elif kind is Kind.DELISTING:
            found = self._spans(kind, np.where(catalogue.is_delisted, catalogue.end_day, NEVER), catalogue.gone_day)
        else:
            return []
        return [one for one in found if one.first_day <= last_day and one.last_day >= first_day]

    def _spans(self, kind: Kind, first: np.ndarray, last: np.ndarray) -> list[Incident]:
        """One for each product whose ``first`` day is one of this world's."""
        return [
            Incident(kind, index, int(first[index]), int(last[index]), 1.0, {}, kind.is_incident)
            for index in np.flatnonzero((first >= 0) & (first < NEVER)).tolist()
        ]

    def _events(self, first_day: int, last_day: int) -> Iterator[Incident]:
        """Unbroken stretches of event days; ``size`` is the greatest share taken off prices."""
        begun, size = None, 0.0
        for day in range(first_day - _LONGEST_EVENT_DAYS, last_day + _LONGEST_EVENT_DAYS + 2):
            today = day_events(self._first_date + timedelta(days=day))
            if today.is_event:
                begun, size = day if begun is None else begun, max(size, today.discount)
            elif begun is not None:
                yield Incident(Kind.SHOPPING_EVENT, WHOLE_ACCOUNT, begun, day - 1, size, {}, False)
                begun, size = None, 0.0

    def _season_ends(self, first_day: int, last_day: int) -> Iterator[Incident]:
        years = range(
            (self._first_date + timedelta(days=first_day)).year - 1,
            (self._first_date + timedelta(days=last_day)).year + 1,
        )
        for category, (month, day_of_month, length) in _SEASON_ENDS.items():
            detail = {"season": _SEASON_NAMES[category]}
            products = np.flatnonzero(self._catalogue.category == category).tolist()
            for year in years:
                first = (date(year, month, day_of_month) - self._first_date).days
                if first <= last_day and first + length > first_day:
                    for index in products:
                        yield Incident(Kind.SEASON_END, index, first, first + length - 1, 1.0, detail, False)
