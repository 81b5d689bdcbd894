"""Catalog items as Amazon writes them: one member of the answer per section that was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from simulator.catalog_attributes import attributes
from simulator.world.page import Page
from simulator.world.shelves import Shelf
from simulator.world.vocabulary import Vocabulary

_IMAGE_SIZES = ((500, "._SL500_"), (75, "._SL75_"))
"""Beside its full size every image is listed in these (longest side, mark in the link)."""
_IMAGE_HOST = "https://images.simulator.invalid/I"


@dataclass(frozen=True)
class Shop:
    """The marketplace that pages are shown in. ``released`` turns a day index into a date."""

    marketplace_id: str
    currency_code: str
    vocabulary: Vocabulary
    released: Callable[[int], date]


def _summaries(page: Page, shop: Shop) -> list[dict[str, Any]]:
    draft = page.draft
    summary: dict[str, Any] = {
        "marketplaceId": shop.marketplace_id,
        "adultProduct": False,
        "autographed": False,
        "brand": draft.brand,
        "itemClassification": "VARIATION_PARENT" if page.is_parent else "BASE_PRODUCT",
        "itemName": draft.title,
        "manufacturer": page.manufacturer,
        "memorabilia": False,
        "tradeInEligible": False,
        "websiteDisplayGroup": draft.shelf.department.code,
        "websiteDisplayGroupName": draft.shelf.department.name(shop.vocabulary),
    }
    if draft.is_classified:
        summary["browseClassification"] = _leaf(draft.shelf, shop)
    if not page.is_parent:
        summary |= {
            "color": draft.colour,
            "size": draft.size,
            "modelNumber": page.part_number,
            "partNumber": page.part_number,
            "packageQuantity": page.units,
        }
    if page.release_day is not None:
        summary["releaseDate"] = shop.released(page.release_day).isoformat()
    return [summary]


def _leaf(shelf: Shelf, shop: Shop) -> dict[str, Any]:
    return {"displayName": shelf.name(shop.vocabulary), "classificationId": str(shelf.node)}


def _classifications(page: Page, shop: Shop) -> list[dict[str, Any]]:
    shelf = page.draft.shelf
    department = {
        "displayName": shelf.department.name(shop.vocabulary),
        "classificationId": str(shelf.department.node),
    }
    found = [_leaf(shelf, shop) | {"parent": department}] if page.draft.is_classified else []
    return [{"marketplaceId": shop.marketplace_id, "classifications": found}]


def _dimensions(page: Page, shop: Shop) -> list[dict[str, Any]]:
    length, width, height = page.draft.sides_cm
    sides = {"height": height, "length": length, "width": width}
    item = {name: {"unit": "centimeters", "value": value} for name, value in sides.items()}
    package = {name: {"unit": "centimeters", "value": round(value * 1.15, 2)} for name, value in sides.items()}
    weight = page.draft.weight_kg
    return [
        {
            "marketplaceId": shop.marketplace_id,
            "item": item | {"weight": {"unit": "kilograms", "value": weight}},
            "package": package | {"weight": {"unit": "kilograms", "value": round(weight * 1.1, 3)}},
        }
    ]


def _identifiers(page: Page, shop: Shop) -> list[dict[str, Any]]:
    kind = "JAN" if shop.vocabulary.language == "ja" else "EAN"
    found = [
        {"identifierType": kind, "identifier": page.ean},
        {"identifierType": "GTIN", "identifier": f"0{page.ean}"},
    ]
    return [{"marketplaceId": shop.marketplace_id, "identifiers": found if page.ean else []}]


def image_link(page: Page, variant: str, mark: str = "") -> str:
    """The address of one of a page's images; ``mark`` names the size."""
    name = blake2b(f"{page.asin}:{variant}".encode(), digest_size=6).hexdigest()
    return f"{_IMAGE_HOST}/{name}{mark}.jpg"


def _images(page: Page, shop: Shop) -> list[dict[str, Any]]:
    found = []
    for image in page.draft.images:
        longest = max(image.width, image.height)
        smaller = [(size, mark) for size, mark in _IMAGE_SIZES if size < longest]
        for size, mark in [(longest, ""), *smaller]:
            found.append(
                {
                    "variant": image.variant,
                    "link": image_link(page, image.variant, mark),
                    "height": round(image.height * size / longest),
                    "width": round(image.width * size / longest),
                }
            )
    return [{"marketplaceId": shop.marketplace_id, "images": found}]


def _product_types(page: Page, shop: Shop) -> list[dict[str, Any]]:
    return [{"marketplaceId": shop.marketplace_id, "productType": page.draft.shelf.product_type}]


def _relationships(page: Page, shop: Shop) -> list[dict[str, Any]]:
    theme = {"attributes": ["color", "size"], "theme": "COLOR/SIZE"}
    found: list[dict[str, Any]] = []
    if page.is_parent:
        found.append({"type": "VARIATION", "childAsins": list(page.child_asins), "variationTheme": theme})
    if page.parent_asin is not None:
        found.append({"type": "VARIATION", "parentAsins": [page.parent_asin], "variationTheme": theme})
    if page.case_asin is not None:
        found.append({"type": "PACKAGE_HIERARCHY", "parentAsins": [page.case_asin]})
    if page.single_asin is not None:
        found.append({"type": "PACKAGE_HIERARCHY", "childAsins": [page.single_asin]})
    return [{"marketplaceId": shop.marketplace_id, "relationships": found}]


def _sales_ranks(page: Page, shop: Shop) -> list[dict[str, Any]]:
    if page.department_rank is None or page.shelf_rank is None:
        return [{"marketplaceId": shop.marketplace_id}]
    shelf = page.draft.shelf
    ranks: dict[str, Any] = {"marketplaceId": shop.marketplace_id}
    if page.draft.is_classified:
        ranks["classificationRanks"] = [
            {"classificationId": str(shelf.node), "title": shelf.name(shop.vocabulary), "rank": page.shelf_rank}
        ]
    department = {"websiteDisplayGroup": shelf.department.code, "title": shelf.department.name(shop.vocabulary)}
    ranks["displayGroupRanks"] = [department | {"rank": page.department_rank}]
    return [ranks]


def _vendor_details(page: Page, shop: Shop) -> list[dict[str, Any]]:
    """Nothing about products that another vendor sells to Amazon, and nothing about parents, which nobody buys."""
    if not page.is_own or page.is_parent:
        return []
    shelf, code = page.draft.shelf, page.manufacturer[:4].upper() + "9"
    return [
        {
            "marketplaceId": shop.marketplace_id,
            "brandCode": code,
            "manufacturerCode": code,
            "manufacturerCodeParent": code,
            "productCategory": {
                "displayName": shelf.department.name(shop.vocabulary),
                "value": str(shelf.department.node // 100 * 100),
            },
            "productGroup": shelf.department.names[2],
            "productSubcategory": {"displayName": shelf.name(shop.vocabulary), "value": str(shelf.node // 10)},
            "replenishmentCategory": page.replenishment,
        }
    ]


def _attributes(page: Page, shop: Shop) -> dict[str, Any]:
    return attributes(page, shop.marketplace_id, shop.currency_code, shop.vocabulary)


SECTIONS: dict[str, Callable[[Page, Shop], Any]] = {
    "attributes": _attributes,
    "classifications": _classifications,
    "dimensions": _dimensions,
    "identifiers": _identifiers,
    "images": _images,
    "productTypes": _product_types,
    "relationships": _relationships,
    "salesRanks": _sales_ranks,
    "summaries": _summaries,
    "vendorDetails": _vendor_details,
}
"""By the name that ``includedData`` asks with and the answer carries."""


def item(page: Page, shop: Shop, included: tuple[str, ...]) -> dict[str, Any]:
    """The page as an item of the catalogue with the sections ``included``, in Amazon's order, and no other."""
    return {"asin": page.asin} | {name: section(page, shop) for name, section in SECTIONS.items() if name in included}
