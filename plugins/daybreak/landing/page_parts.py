"""An item of Amazon's catalogue as the parts of a page.

A part is None where its section was not delivered, or holds texts in languages of no marketplace only: nobody knows
then what the page shows. It is ``""``, ``[]`` or ``{}`` where the section came without the part: the page lacks it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from daybreak.landing.catalogue_items import (
    Attributes,
    Classifications,
    Identifiers,
    Image,
    Images,
    Place,
    ProductType,
    Relationships,
    SalesRanks,
    Summary,
    VendorDetails,
)
from daybreak.landing.page_languages import locales_of, readable
from daybreak.landing.row_reading import refuse

KEY_ATTRIBUTES = ("brand", "manufacturer", "part_number", "item_weight", "country_of_origin")
_BESIDE_THE_VALUE = frozenset({"marketplace_id", "language_tag"})


AnyPlace = TypeVar("AnyPlace", bound=Place)


class PageParts:
    """The parts of one page, read from an item with ``ITEM_FIELDS``.

    Every part may raise ``RowRefused``: a section of another marketplace only, or a text that no table takes.
    """

    def __init__(self, item: Any, marketplace_id: str) -> None:
        self._marketplace_id = marketplace_id
        self._locales = locales_of(marketplace_id)
        self._summary = self._here(item.summaries, "summaries", Summary())
        self._classifications = self._here(item.classifications, "classifications", Classifications())
        self._identifiers = self._here(item.identifiers, "identifiers", Identifiers())
        self._images = self._here(item.images, "images", Images())
        self._product_type = self._here(item.productTypes, "productTypes", ProductType())
        self._relationships = self._here(item.relationships, "relationships", Relationships())
        self._ranks = self._here(item.salesRanks, "salesRanks", SalesRanks())
        self._vendor_details = self._here(item.vendorDetails, "vendorDetails", VendorDetails())
        self._attributes: Attributes | None = item.attributes

    def _here(self, section: Sequence[AnyPlace] | None, name: str, empty: AnyPlace) -> AnyPlace | None:
        """What ``section`` says of the marketplace; ``empty`` where it was delivered and says nothing of any."""
        if section is None:
            return None
        for place in section:
            if place.marketplace_id in (None, self._marketplace_id):
                return place
        if section:
            refuse(f"{name}.marketplaceId", f"asked {self._marketplace_id}, got {section[0].marketplace_id}")
        return empty

    @property
    def title(self) -> str | None:
        summary = None if self._summary is None else self._summary.item_name or ""
        return _text(_either(summary, _joined(self._texts("item_name"), " ")), "summaries.itemName")

    @property
    def brand_name(self) -> str | None:
        summary = None if self._summary is None else self._summary.brand or ""
        return _text(_either(summary, _joined(self._texts("brand"), " ")), "summaries.brand")

    @property
    def bullets(self) -> list[str] | None:
        return self._texts("bullet_point")

    @property
    def description(self) -> str | None:
        return _joined(self._texts("product_description"), "\n")

    @property
    def images(self) -> list[dict[str, Any]] | None:
        """Variant, width and height of each image in its largest size; width and height None where none was told."""
        if self._images is None:
            return None
        largest: dict[str, Image] = {}
        for image in self._images.images or ():
            known = largest.get(_text(image.variant, "images.variant") or "")
            if known is None or _longest_side(image) > _longest_side(known):
                largest[image.variant] = image
        return [msgspec.to_builtins(image) for image in largest.values()]

    @property
    def product_type_code(self) -> str | None:
        return None if self._product_type is None else _text(self._product_type.product_type or "", "productTypes")

    @property
    def classification_id(self) -> str | None:
        """The narrowest node of the shop's tree that the product is listed under."""
        listed = None
        if self._classifications is not None:
            found = self._classifications.classifications
            listed = found[0].classification_id if found else ""
        summed = None
        if self._summary is not None:
            node = self._summary.browse_classification
            summed = node.classification_id if node else ""
        return _text(_either(listed, summed), "classifications.classificationId")

    @property
    def parent_asin(self) -> str | None:
        """The parent of its variations; not the carton that holds several of it."""
        if self._relationships is None:
            return None
        parents = [
            parent
            for each in self._relationships.relationships or ()
            if each.type == "VARIATION"
            for parent in each.parent_asins or ()
        ]
        return _text(parents[0] if parents else "", "relationships.parentAsins")

    @property
    def sales_rank(self) -> int | None:
        """The rank in the shop's department, else the one in its first classification."""
        if self._ranks is None:
            return None
        ranks = [*(self._ranks.display_group_ranks or ()), *(self._ranks.classification_ranks or ())]
        return ranks[0].rank if ranks else None

    @property
    def attributes(self) -> dict[str, Any] | None:
        """The key attributes that were delivered: a plain value, or a value with its unit; None where one stands there
        in languages of no marketplace only."""
        if self._attributes is None:
            return None
        found: dict[str, Any] = {}
        for name in KEY_ATTRIBUTES:
            values = self._values(name)
            if values is None:
                found[name] = None
            elif values:
                value = {key: part for key, part in values[0].items() if key not in _BESIDE_THE_VALUE}
                found[name] = value.get("value") if value.keys() == {"value"} else value
        _refuse_nul(found, "attributes")
        return found

    @property
    def replenishment_category_code(self) -> str | None:
        if self._vendor_details is None:
            return None
        return _text(self._vendor_details.replenishment_category or "", "vendorDetails.replenishmentCategory")

    @property
    def ean(self) -> str | None:
        """The article number by which shops know the product; the American one is a European one that begins with 0."""
        if self._identifiers is None:
            return None
        told = {each.identifier_type: each.identifier for each in self._identifiers.identifiers or ()}
        found = told.get("EAN") or told.get("JAN") or (f"0{told['UPC']}" if told.get("UPC") else "")
        return _text(found, "identifiers.identifier")

    def _values(self, name: str) -> Sequence[Mapping[str, Any]] | None:
        here = [
            value
            for value in (self._attributes or {}).get(name, ())
            if value.get("marketplace_id", self._marketplace_id) == self._marketplace_id
        ]
        return readable(here, self._locales)

    def _texts(self, name: str) -> list[str] | None:
        values = None if self._attributes is None else self._values(name)
        if values is None:
            return None
        texts = [value.get("value") for value in values]
        wrong = next((text for text in texts if not isinstance(text, str)), None) if texts else None
        if wrong is not None or None in texts:
            refuse(f"attributes.{name}", f"a text was expected, got {type(wrong).__name__}")
        return [_text(str(text), f"attributes.{name}") or "" for text in texts]


def _either(first: str | None, second: str | None) -> str | None:
    """The first that says something; empty where one was delivered at least."""
    return first or second or (first if second is None else second)


def _joined(texts: list[str] | None, gap: str) -> str | None:
    return None if texts is None else gap.join(texts)


def _longest_side(image: Image) -> int:
    return -1 if image.width is None or image.height is None else max(image.width, image.height)


def _text(text: str | None, field: str) -> str | None:
    _refuse_nul(text, field)
    return text


def _refuse_nul(value: object, field: str) -> None:
    if isinstance(value, str) and "\x00" in value:
        refuse(field, "holds a NUL character, which no text column takes")
    for part in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_nul(part, field)
