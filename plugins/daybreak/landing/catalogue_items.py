"""An item of Amazon's catalogue as Catalog Items 2022-04-01 describes it, as far as it is read.

Every section may be missing or null, and so may every member of one.
"""

from typing import Any

import msgspec

from daybreak.landing.layouts import Asin, Units


class Place(msgspec.Struct, rename="camel"):
    """What a section says of one marketplace."""

    marketplace_id: str | None = None


class Classification(msgspec.Struct, rename="camel"):
    classification_id: str


class Summary(Place, rename="camel"):
    item_name: str | None = None
    brand: str | None = None
    browse_classification: Classification | None = None


class Classifications(Place, rename="camel"):
    classifications: list[Classification] | None = None


class Image(msgspec.Struct):
    variant: str
    width: Units | None = None
    height: Units | None = None


class Images(Place):
    images: list[Image] | None = None


class Identifier(msgspec.Struct, rename="camel"):
    identifier_type: str
    identifier: str


class Identifiers(Place):
    identifiers: list[Identifier] | None = None


class ProductType(Place, rename="camel"):
    product_type: str | None = None


class Relationship(msgspec.Struct, rename="camel"):
    type: str | None = None
    parent_asins: list[str] | None = None


class Relationships(Place):
    relationships: list[Relationship] | None = None


class Rank(msgspec.Struct):
    rank: Units


class SalesRanks(Place, rename="camel"):
    classification_ranks: list[Rank] | None = None
    display_group_ranks: list[Rank] | None = None


class VendorDetails(Place, rename="camel"):
    replenishment_category: str | None = None


Attributes = dict[str, list[dict[str, Any]]]

ITEM_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("asin", Asin),
    ("attributes", Attributes | None, None),
    ("classifications", list[Classifications] | None, None),
    ("identifiers", list[Identifiers] | None, None),
    ("images", list[Images] | None, None),
    ("productTypes", list[ProductType] | None, None),
    ("relationships", list[Relationships] | None, None),
    ("salesRanks", list[SalesRanks] | None, None),
    ("summaries", list[Summary] | None, None),
    ("vendorDetails", list[VendorDetails] | None, None),
]
