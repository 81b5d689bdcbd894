"""Catalog items and A+ answers spoilt on purpose."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
_TITLE_LENGTH = 4_000
_MARKUP = '<b onclick="alert(1)">&lt;Top&gt;</b> <script>document.title</script> &#128293; '
_STRANGE_LOCALE = "qq_XX"
_OTHER_MARKETPLACE = "A1AM78C64UM0Y8"
_ODD_ASINS = ('B0"QUOTE"1', "B0\tTAB\t01", "B0\\.DOT001", "B0%s%(a)s1", "B0';--0001", "B0ümläut1")


def _items(answer: Json) -> list[Json]:
    """The catalog items of a search, or the one of a get."""
    items: list[Json] = answer.get("items", [answer])
    return items


def _places(answer: Json, section: str) -> Iterator[Json]:
    """The parts of a section by marketplace, of every item."""
    for item in _items(answer):
        yield from item.get(section, [])


def _image_without_size(answer: Json) -> None:
    for place in _places(answer, "images"):
        for image in place["images"]:
            del image["height"], image["width"]


def _title_markup(answer: Json) -> None:
    title = (_MARKUP * _TITLE_LENGTH)[:_TITLE_LENGTH]
    for summary in _places(answer, "summaries"):
        summary["itemName"] = title
    for item in _items(answer):
        for value in item.get("attributes", {}).get("item_name", []):
            value["value"] = title


def _unknown_locale(answer: Json) -> None:
    for item in _items(answer):
        for values in item.get("attributes", {}).values():
            for value in values:
                if "language_tag" in value:
                    value["language_tag"] = _STRANGE_LOCALE


def _null_sections(answer: Json) -> None:
    """Every section of every item becomes null; of an answer without items, every list."""
    if "items" in answer or "asin" in answer:
        for item in _items(answer):
            item.update({name: None for name in item if name != "asin"})
    else:
        answer.update({name: None for name, value in answer.items() if isinstance(value, list)})


def _wrong_marketplace(answer: Json) -> None:
    for item in _items(answer):
        for section in item.values():
            for place in section if isinstance(section, list) else ():
                place["marketplaceId"] = _OTHER_MARKETPLACE


def _duplicate_item(answer: Json) -> None:
    answer["items"] += deepcopy(answer["items"][:1])


def _half_items(answer: Json) -> None:
    """Items are left out that were found, without a word."""
    answer["items"] = answer["items"][::2]


def _odd_asin(answer: Json) -> None:
    for item, asin in zip(_items(answer), _ODD_ASINS, strict=False):
        item["asin"] = asin


def _missing_asin(answer: Json) -> None:
    """The middle item does not say which it is."""
    items = _items(answer)
    if items:
        del items[len(items) // 2]["asin"]


def _unknown_field(answer: Json) -> None:
    for item in _items(answer):
        item["sustainability"] = [{"marketplaceId": _OTHER_MARKETPLACE, "grade": {"value": 1.5}}]
        for section in ("summaries", "images", "salesRanks"):
            for place in item.get(section, []):
                place["newMember"] = {"basis": "TRAILING"}


def _text_for_number(answer: Json) -> None:
    for place in _places(answer, "images"):
        for image in place["images"]:
            image["width"] = "n/a"
    for place in _places(answer, "salesRanks"):
        for rank in place.get("displayGroupRanks", []):
            rank["rank"] = "n/a"


PAGE_SPOILERS: dict[str, Callable[[Json], None]] = {
    "answer_image_without_size": _image_without_size,
    "answer_title_markup": _title_markup,
    "answer_unknown_locale": _unknown_locale,
    "answer_null_sections": _null_sections,
    "answer_wrong_marketplace": _wrong_marketplace,
    "answer_duplicate_item": _duplicate_item,
    "answer_half_items": _half_items,
    "answer_odd_asin": _odd_asin,
    "answer_missing_asin": _missing_asin,
    "answer_unknown_field": _unknown_field,
    "answer_text_for_number": _text_for_number,
}
