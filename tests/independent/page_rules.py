"""The rules of a page once more, in plain Python, written from ``docs/controls.md`` ("Page").

A part of a page that nobody knows is None; '', [] and {} are parts that the page lacks.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tests.independent.written_figures import figure

RULESET = "2026.1"
WEIGHTS = {
    "title_length": 10, "title_brand": 5, "title_clean": 5, "bullet_count": 10, "bullet_length": 10, "image_count": 20,
    "main_image_zoom": 10, "a_plus": 15, "description": 5, "key_attributes": 5, "classification": 5,
}  # fmt: skip
KEY_ATTRIBUTES = ("brand", "manufacturer", "part_number", "item_weight", "country_of_origin")
UNWANTED = "!$?_{}^¬¦"
COMMENT_OR_TAG = re.compile(r"<!--.*?-->|</?[a-z][^>]*>", re.IGNORECASE | re.DOTALL)
Page = Mapping[str, Any]
Row = dict[str, Any]


class Finding(NamedTuple):
    points: Fraction
    evidence: dict[str, Any]


def rule_rows(pages: Iterable[Page]) -> list[Row]:
    """One row per page of ``core.content_snapshot`` and rule."""
    return [row for page in pages for row in _rows_of(page)]


def _rows_of(page: Page) -> Iterable[Row]:
    findings = judged(page)
    for rule, weight in WEIGHTS.items():
        found = findings.get(rule)
        is_gap = found is None and page["page_status_code"] == "live"
        yield {
            "account_id": page["account_id"],
            "observed_date": page["observed_date"],
            "asin": page["asin"],
            "rule_code": rule,
            "ruleset_code": RULESET,
            "weight": weight,
            "is_known": found is not None,
            "points_ratio": None if found is None else figure(found.points, 9),
            "evidence": None if found is None else found.evidence,
            "data_status_code": "missing" if is_gap else "settled",
        }


def judged(page: Page) -> dict[str, Finding]:
    """What each rule finds that can be judged: none of a page that is not there."""
    if page["page_status_code"] != "live":
        return {}
    found = {
        **_of_title(page["title"], page["brand_name"]),
        **_of_bullets(page["bullets"]),
        **_of_images(page["images"]),
        "a_plus": _a_plus(page["has_a_plus"]),
        "description": _description(page["description"], page["has_a_plus"]),
        "key_attributes": _key_attributes(page["attributes"]),
        "classification": _classification(page["classification_id"]),
    }
    return {rule: finding for rule, finding in found.items() if finding is not None}


def _of_title(title: str | None, brand: str | None) -> dict[str, Finding | None]:
    if title is None:
        return {}
    read = as_read(title)
    length = characters(read)
    found: dict[str, Finding | None] = {
        "title_length": Finding(_step(80 <= length <= 200, 50 <= length < 80), {"length": length}),
        "title_clean": _title_clean(read),
    }
    if brand is not None:
        name = as_read(brand)
        has_brand = name != "" and in_any_case(name) in in_any_case(read)
        found["title_brand"] = Finding(Fraction(has_brand), {"brand_name": brand})
    return found


def _title_clean(read: str) -> Finding:
    unwanted = sorted(set(read) & set(UNWANTED))
    counted = Counter(word for word in words(in_any_case(read)) if characters(word) >= 4)
    often = sorted(word for word, times in counted.items() if times > 2)
    is_clean = read != "" and not unwanted and not often
    return Finding(Fraction(is_clean), {"characters": unwanted, "words": often})


def _of_bullets(bullets: Sequence[str] | None) -> dict[str, Finding | None]:
    if bullets is None:
        return {}
    lengths = sorted(length for bullet in bullets if (length := characters(as_read(bullet))) > 0)
    fitting = sum(50 <= length <= 250 for length in lengths)
    return {
        "bullet_count": Finding(min(Fraction(1), Fraction(len(lengths), 5)), {"bullets": len(lengths)}),
        "bullet_length": Finding(Fraction(fitting, len(lengths) or 1), {"lengths": lengths}),
    }


def _of_images(images: Sequence[Mapping[str, Any]] | None) -> dict[str, Finding | None]:
    if images is None:
        return {}
    variants = sorted(shown_variants(images))
    return {
        "image_count": Finding(min(Fraction(1), Fraction(len(variants), 6)), {"variants": variants}),
        "main_image_zoom": _zoom([image for image in images if image["variant"].upper() == "MAIN"]),
    }


def shown_variants(images: Sequence[Mapping[str, Any]]) -> set[str]:
    """The names, in capitals, of the images that are no swatches."""
    return {name for image in images if not (name := image["variant"].upper()).startswith("SWCH")}


def _zoom(mains: Sequence[Mapping[str, Any]]) -> Finding | None:
    if not mains:
        return Finding(Fraction(0), {"longest_side_pixels": None})
    sizes = [(image.get("width"), image.get("height")) for image in mains]
    sides = [max(size) for size in sizes if None not in size]
    if not sides:
        return None
    longest = max(sides)
    return Finding(_step(longest >= 1000, longest >= 500), {"longest_side_pixels": longest})


def _a_plus(has_a_plus: bool | None) -> Finding | None:
    return None if has_a_plus is None else Finding(Fraction(has_a_plus), {"has_a_plus": has_a_plus})


def _description(description: str | None, has_a_plus: bool | None) -> Finding | None:
    length = None if description is None else characters(as_read(without_markup(description)))
    evidence = {"length": length, "has_a_plus": has_a_plus}
    if has_a_plus or (length is not None and length >= 500):
        return Finding(Fraction(1), evidence)
    if has_a_plus is None or length is None:
        return None
    return Finding(_step(False, length >= 200), evidence)


def _key_attributes(attributes: Mapping[str, Any] | None) -> Finding | None:
    if attributes is None:
        return None
    missing = sorted(name for name in KEY_ATTRIBUTES if name not in attributes or attributes[name] in ("", [], {}))
    return Finding(1 - Fraction(len(missing), len(KEY_ATTRIBUTES)), {"missing": missing})


def _classification(node: str | None) -> Finding | None:
    return None if node is None else Finding(Fraction(node != ""), {"classification_id": node})


def _step(is_whole: bool, is_half: bool) -> Fraction:
    return Fraction(1) if is_whole else Fraction(1, 2) if is_half else Fraction(0)


def as_read(text: str) -> str:
    """Letters composed with their marks, runs of white space as one blank, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def characters(read: str) -> int:
    """How many characters a person reads: a mark belongs to its letter."""
    return sum(not _is_mark(each) for each in read)


def words(read: str) -> list[str]:
    """The runs of letters, each letter with its marks."""
    runs = "".join(each if each.isalpha() or _is_mark(each) else " " for each in read)
    return runs.split()


def in_any_case(read: str) -> str:
    """The same for capitals and small letters, dotted or not."""
    return unicodedata.normalize("NFC", read.casefold().replace("i\u0307", "i"))


def without_markup(description: str) -> str:
    """The text without tags and comments, character references as what they stand for."""
    return html.unescape(COMMENT_OR_TAG.sub("", description))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
