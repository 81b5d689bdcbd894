"""The ``attributes`` section of a catalog item: lists of values by attribute, texts tagged with their language."""

from typing import Any

from simulator.world.page import Page
from simulator.world.vocabulary import ENGLISH, Vocabulary

Attributes = dict[str, list[dict[str, Any]]]


def attributes(page: Page, marketplace_id: str, currency_code: str, vocabulary: Vocabulary) -> Attributes:
    """What the page says about its product; an attribute that nobody filled in is absent."""
    draft, place = page.draft, {"marketplace_id": marketplace_id}

    def text(*values: str) -> list[dict[str, Any]]:
        return [{"value": value, "language_tag": vocabulary.locale} | place for value in values]

    def plain(value: Any) -> list[dict[str, Any]]:
        return [{"value": value} | place]

    found: Attributes = {"item_name": text(draft.title)}
    if draft.bullets:
        found["bullet_point"] = text(*draft.bullets)
    if draft.description:
        found["product_description"] = text(draft.description)
    if draft.is_classified:
        found["recommended_browse_nodes"] = plain(str(draft.shelf.node))
    key_attributes: Attributes = {
        "brand": text(draft.brand),
        "manufacturer": text(page.manufacturer),
        "part_number": plain(page.part_number),
        "item_weight": [{"unit": "kilograms", "value": draft.weight_kg} | place],
        "country_of_origin": plain(draft.country),
    }
    found |= {name: value for name, value in key_attributes.items() if name in draft.filled}
    if page.is_parent:
        found.pop("part_number", None)
        return found | {"variation_theme": [{"name": "COLOR/SIZE"} | place]}
    found |= {
        "color": text(draft.colour),
        "size": text(draft.size),
        "material": text(draft.material),
        "model_number": plain(page.part_number),
        "item_package_quantity": plain(page.units),
        "externally_assigned_product_identifier": [{"type": "ean", "value": page.ean} | place],
    }
    if page.list_price is not None:
        found["list_price"] = [{"currency": currency_code, "value": page.list_price} | place]
    return _in_english_too(found, page) if draft.has_second_language else found


def _in_english_too(found: Attributes, page: Page) -> Attributes:
    """Some vendors send their texts in English to every marketplace, where they stand behind the local ones."""
    noun = page.draft.shelf.name(ENGLISH)
    english = {
        "item_name": [f"{page.draft.brand} {noun}"],
        "bullet_point": [f"{head.capitalize()}: {noun}" for head in ENGLISH.heads[:3]],
    }
    added = found.copy()
    for name, values in english.items():
        place = {"language_tag": ENGLISH.locale, "marketplace_id": found["item_name"][0]["marketplace_id"]}
        added[name] = added.get(name, []) + [{"value": value} | place for value in values]
    return added
