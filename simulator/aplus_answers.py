"""A+ Content answers: documents, the products they belong to, and what is published of them."""

from typing import Any

from simulator.catalog_sections import image_link
from simulator.queries import page_token
from simulator.refusals import unsupported_module
from simulator.world.aplus import Document
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.page_drafts import draft_page
from simulator.world.shelves import SHELVES

PAGE_SIZE = 50
_PREMIUM_MODULE = "premium-module-9-comparison-table-carousel"
Answer = dict[str, Any]


def list_documents(world: AccountWorld, offset: int, terms: tuple[str, ...]) -> Answer:
    """The documents from ``offset`` on, at most 50."""
    documents = world.pages.documents
    shown = [documents.document(number) for number in documents.numbers[offset : offset + PAGE_SIZE]]
    records = [
        {"contentReferenceKey": document.content_key, "contentMetadata": _metadata(world, document)}
        for document in shown
    ]
    return {"contentMetadataRecords": records} | _next(offset, len(documents.numbers), terms)


def show_document(world: AccountWorld, document: Document, wanted: tuple[str, ...]) -> Answer:
    """One document with its METADATA, its CONTENTS, or both.

    Raises:
        Refusal: 400 for the contents of a premium document, whose modules Amazon does not give out.
    """
    record: Answer = {"contentReferenceKey": document.content_key}
    if "METADATA" in wanted:
        record["contentMetadata"] = _metadata(world, document)
    if "CONTENTS" in wanted:
        if document.is_premium:
            raise unsupported_module(_PREMIUM_MODULE)
        record["contentDocument"] = _contents(world, document)
    return {"contentRecord": record}


def list_relations(
    world: AccountWorld, document: Document, asins: tuple[str, ...], day: int, *, with_metadata: bool
) -> list[Answer]:
    """The products of a document (of ``asins`` all, related or not), each with its state if wanted."""
    wanted = asins or tuple(world.catalogue.asins[index] for index in document.members)
    return [_relation(world, document, asin, day) if with_metadata else {"asin": asin} for asin in wanted]


def relations_page(relations: list[Answer], offset: int, terms: tuple[str, ...]) -> Answer:
    """At most 50 of ``relations``, with a warning for each product that the catalogue has not got."""
    shown = relations[offset : offset + PAGE_SIZE]
    missing = [one["asin"] for one in shown if "CATALOG_NOT_FOUND" in one.get("badgeSet", [])]
    answer: Answer = {"warnings": [_not_found(asin) for asin in missing]} if missing else {}
    return answer | {"asinMetadataSet": shown} | _next(offset, len(relations), terms)


def publish_records(world: AccountWorld, asin: str, day: int) -> Answer:
    """What is published on the page of ``asin``: nothing on a competitor's, whose content is not the caller's."""
    index = world.pages.index_of(asin)
    if world.pages.page(asin, day) is None:
        return {"warnings": [_not_found(asin)], "publishRecordList": []}
    if index is None or not world.pages.has_a_plus(index, day):
        return {"publishRecordList": []}
    record = {
        "marketplaceId": world.account.marketplace_id,
        "locale": _language_tag(world),
        "asin": asin,
        "contentType": "EMC",
        "contentReferenceKey": world.pages.documents.of_product(index).content_key,
    }
    return {"publishRecordList": [record]}


def _next(offset: int, total: int, terms: tuple[str, ...]) -> Answer:
    return {"nextPageToken": page_token(offset + PAGE_SIZE, terms)} if offset + PAGE_SIZE < total else {}


def _not_found(asin: str) -> Answer:
    return {"code": "CATALOG_NOT_FOUND", "message": f"{asin} is not found in the catalog.", "details": asin}


def _language_tag(world: AccountWorld) -> str:
    return world.pages.vocabulary.locale.replace("_", "-")


def _metadata(world: AccountWorld, document: Document) -> Answer:
    return {
        "name": document.name,
        "marketplaceId": world.account.marketplace_id,
        "status": document.status,
        "badgeSet": list(document.badges),
        "updateTime": document.updated_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def _relation(world: AccountWorld, document: Document, asin: str, day: int) -> Answer:
    pages = world.pages
    page, index = pages.page(asin, day), pages.index_of(asin)
    if page is None:
        return {"asin": asin, "badgeSet": ["CATALOG_NOT_FOUND"]}
    is_published = (
        index is not None and index in document.members and document.is_approved and pages.has_a_plus(index, day)
    )
    badge = "CONTENT_PUBLISHED" if is_published else "CONTENT_NOT_PUBLISHED"
    relation: Answer = {"asin": asin, "badgeSet": [badge if page.is_own else "BRAND_NOT_ELIGIBLE"]}
    if page.parent_asin is not None:
        relation["parent"] = page.parent_asin
    relation["title"] = page.draft.title
    if page.draft.images:
        relation["imageUrl"] = image_link(page, page.draft.images[0].variant)
    return relation | {"contentReferenceKeySet": [document.content_key] if is_published else []}


def _contents(world: AccountWorld, document: Document) -> Answer:
    """A heading with text, highlights and a description, in the marketplace's language."""
    pages = world.pages
    rng = generator(world.key, Purpose.A_PLUS_TEXT, document.number)
    shelf = SHELVES[pages.families.shelf[document.members[0]]]
    draft = draft_page(rng, pages.vocabulary, shelf, pages.families.brand_of(document.members[0]), 1.0)
    points = [{"position": place, "text": {"value": text}} for place, text in enumerate(draft.bullets, 1)]
    description = draft.description or draft.title
    return {
        "name": document.name,
        "contentType": "EMC",
        "locale": _language_tag(world),
        "contentModuleList": [
            {
                "contentModuleType": "STANDARD_TEXT",
                "standardText": {
                    "headline": {"value": draft.title},
                    "body": {"textList": [{"value": bullet} for bullet in draft.bullets]},
                },
            },
            {
                "contentModuleType": "STANDARD_SINGLE_IMAGE_HIGHLIGHTS",
                "standardSingleImageHighlights": {"bulletedListBlock": {"block": {"textList": points}}},
            },
            {
                "contentModuleType": "STANDARD_PRODUCT_DESCRIPTION",
                "standardProductDescription": {"body": {"textList": [{"value": description}]}},
            },
        ],
    }
