"""What a page loses when it regresses."""

from dataclasses import replace
from typing import Any

from simulator.world.page_drafts import Draft
from simulator.world.shelves import MISPLACED_SHELF, OTHER_MISPLACED_SHELF

PARTS = ("images", "bullets", "title", "brand", "classification", "left_parent", "a_plus")
"""The parts that ``detail["part"]`` of a page regression can name."""
_CUT_TITLE = 32


def visible_part(part: str, draft: Draft, *, has_parent: bool, has_a_plus: bool) -> str:
    """``part`` where its loss can be seen on the page, else the images, else the title.

    Raises:
        ValueError: ``part`` is none of ``PARTS``.
    """
    if part not in PARTS:
        raise ValueError(f"a page cannot lose {part!r}; it can lose one of {', '.join(PARTS)}")
    has = {
        "bullets": bool(draft.bullets),
        "classification": draft.is_classified,
        "left_parent": has_parent,
        "a_plus": has_a_plus,
        "images": len(draft.images) > 1,
    }
    if has.get(part, True):
        return part
    return "images" if has["images"] else "title"


def regress(part: str, draft: Draft, other_brand: str) -> dict[str, Any]:
    """The fields of a page that change when it loses ``part``."""
    if part == "left_parent":
        return {"parent_asin": None}
    if part == "a_plus":
        return {"has_a_plus": False}
    losses: dict[str, dict[str, Any]] = {
        "images": {"images": draft.images[:1]},
        "bullets": {"bullets": ()},
        "title": {"title": draft.title[: min(_CUT_TITLE, len(draft.title) // 2)].rstrip()},
        "brand": {"brand": other_brand},
        "classification": {"shelf": OTHER_MISPLACED_SHELF if draft.shelf is MISPLACED_SHELF else MISPLACED_SHELF},
    }
    return {"draft": replace(draft, **losses[part])}
