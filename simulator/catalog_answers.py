"""Catalog Items answers: the items of a search, page by page, and one item alone."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from simulator.catalog_search import MOST_RESULTS, CatalogQuestion
from simulator.catalog_sections import Shop, item
from simulator.queries import page_token
from simulator.world.history import AccountWorld
from simulator.world.page import Page
from simulator.world.shelves import SHELVES, Shelf
from simulator.world.vocabulary import Vocabulary

Listing = tuple[str, Shelf]
"""Brand and shelf of a product, what keywords are looked up in."""


def shop_of(world: AccountWorld) -> Shop:
    account = world.account
    return Shop(account.marketplace_id, account.currency_code, world.pages.vocabulary, world.date_of)


def search(world: AccountWorld, question: CatalogQuestion, day: int) -> dict[str, Any]:
    """The page of the answer that ``question`` asks for, as on day index ``day``; what is not found is left out."""
    shop, pages = shop_of(world), world.pages
    found = _by_identifier(world, question, day) if question.identifiers else _by_keyword(world, question, day)
    end = question.offset + question.page_size
    shown = [page for asin in found[question.offset : end] if (page := pages.page(asin, day)) is not None]
    tokens = {"nextToken": end} if end < len(found) else {}
    if question.offset > 0:
        tokens["previousToken"] = max(0, question.offset - question.page_size)
    answer: dict[str, Any] = {"numberOfResults": len(found)}
    if tokens:
        answer["pagination"] = {name: page_token(offset, question.terms) for name, offset in tokens.items()}
    if question.keywords:
        answer["refinements"] = _refinements(world, found, shop.vocabulary)
    return answer | {"items": [item(page, shop, question.included) for page in shown]}


def _by_identifier(world: AccountWorld, question: CatalogQuestion, day: int) -> list[str]:
    """The ASINs that have a page, in the order of the identifiers."""
    asins = [world.pages.asin_of(question.identifiers_type, identifier) for identifier in question.identifiers]
    known = dict.fromkeys(asin for asin in asins if asin is not None)
    return [asin for asin in known if world.pages.page(asin, day) is not None]


def _by_keyword(world: AccountWorld, question: CatalogQuestion, day: int) -> list[str]:
    """Own products whose brand, shelf or department every keyword occurs in."""
    fits = _fitting(question, world.pages.vocabulary)
    pages = world.pages
    found: list[str] = []
    for index, asin in enumerate(world.catalogue.asins):
        if fits(_listing(world, index)) and pages.is_live(index, day):
            found.append(asin)
            if len(found) == MOST_RESULTS:
                break
    return found


def _listing(world: AccountWorld, index: int) -> Listing:
    families = world.pages.families
    return families.brand_of(index), SHELVES[families.shelf[index]]


def _fitting(question: CatalogQuestion, vocabulary: Vocabulary) -> Callable[[Listing], bool]:
    wanted = [keyword.casefold() for keyword in question.keywords]
    known: dict[Listing, bool] = {}

    def decide(listing: Listing) -> bool:
        brand, shelf = listing
        words = (brand, shelf.name(vocabulary), shelf.department.name(vocabulary), shelf.product_type)
        text = " ".join(words).casefold()
        return (
            all(keyword in text for keyword in wanted)
            and (not question.brand_names or brand in question.brand_names)
            and (not question.classification_ids or str(shelf.node) in question.classification_ids)
        )

    def fits(listing: Listing) -> bool:
        if listing not in known:
            known[listing] = decide(listing)
        return known[listing]

    return fits


def _refinements(world: AccountWorld, found: list[str], vocabulary: Vocabulary) -> dict[str, Any]:
    """How many of the found products each brand and each shelf has."""
    indexes = [index for asin in found if (index := world.pages.index_of(asin)) is not None]
    listings = [_listing(world, index) for index in indexes]
    brands, shelves = Counter(brand for brand, _ in listings), Counter(shelf for _, shelf in listings)
    return {
        "brands": [{"numberOfResults": count, "brandName": brand} for brand, count in brands.most_common()],
        "classifications": [
            {"numberOfResults": count, "displayName": shelf.name(vocabulary), "classificationId": str(shelf.node)}
            for shelf, count in shelves.most_common()
        ],
    }


def single(world: AccountWorld, page: Page, included: tuple[str, ...]) -> dict[str, Any]:
    """The answer to getCatalogItem."""
    return item(page, shop_of(world), included)
