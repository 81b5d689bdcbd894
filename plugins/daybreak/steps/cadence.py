"""Which products a sweep looks at, and in which order: the rule of ``docs/controls.md`` §2, without a clock of its own.

Time is counted in slots of four hours, beginning at midnight UTC. What a sweep saw belongs to the slot in which it was
seen, so that a product is as old at the next slot whether it came first or last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

SLOT: Final = timedelta(hours=4)
TWICE_A_DAY_UP_TO: Final = 5000
"""Products of an account's catalogue; a larger one is looked at daily."""
WEEK_ENDS_AFTER: Final = timedelta(days=6)
"""What was not seen for so long goes first, so that all of a catalogue is seen within the week."""

_EVER: Final = timedelta(days=10**6)


@dataclass(frozen=True)
class Candidate:
    """A product that may be looked at. ``is_lost``: when last seen, its Buy Box was not ours."""

    account_id: str
    asin: str
    priority_code: str
    is_lost: bool
    observed_at: datetime | None


def slot_of(instant: datetime) -> datetime:
    """The beginning, in UTC, of the slot that holds ``instant``."""
    day = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (instant - day) // SLOT * SLOT


def plan_slot(candidates: Iterable[Candidate], instant: datetime, capacity: int) -> list[Candidate]:
    """What one credential looks at in the slot of ``instant``, at most ``capacity`` products, the most urgent first.

    Due are products with an open loss in every slot, those of a catalogue of up to 5,000 every 12 hours, those of a
    larger one every 24. First come open losses, then what was not seen for six days or never, then the rest; each by
    priority, then the longest unseen.
    """
    everything = list(candidates)
    sizes: dict[str, int] = {}
    for each in everything:
        sizes[each.account_id] = sizes.get(each.account_id, 0) + 1
    slot = slot_of(instant)
    due = [each for each in everything if _is_due(each, sizes[each.account_id], slot)]
    return sorted(due, key=lambda each: _urgency(each, slot))[:capacity]


def unseen_for(candidate: Candidate, slot: datetime) -> timedelta:
    """From the slot in which it was seen last to ``slot``; longer than any other for a product never seen."""
    return _EVER if candidate.observed_at is None else slot - slot_of(candidate.observed_at)


def _is_due(candidate: Candidate, catalogue_size: int, slot: datetime) -> bool:
    usual = timedelta(hours=12 if catalogue_size <= TWICE_A_DAY_UP_TO else 24)
    return unseen_for(candidate, slot) >= (SLOT if candidate.is_lost else usual)


def _urgency(candidate: Candidate, slot: datetime) -> tuple[int, str, timedelta, str, str]:
    unseen = unseen_for(candidate, slot)
    rank = 0 if candidate.is_lost else 1 if unseen >= WEEK_ENDS_AFTER else 2
    return rank, candidate.priority_code, -unseen, candidate.account_id, candidate.asin
