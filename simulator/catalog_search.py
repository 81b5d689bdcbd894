"""Catalog Items questions: which items, which sections, which page of the answer."""

from dataclasses import dataclass

from simulator.catalog_sections import SECTIONS
from simulator.config import AccountConfig
from simulator.login import Credential
from simulator.queries import Query, offset_of
from simulator.refusals import invalid_input, parameters_missing, unparsable, vendor_access_wanted
from simulator.world.vocabulary import ENGLISH, vocabulary_of

_IDENTIFIER_TYPES = frozenset({"ASIN", "EAN", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC"})
_MOST_VALUES = 20
_LARGEST_PAGE = 20
MOST_RESULTS = 1_000
"""Amazon lets nobody page beyond these."""


@dataclass(frozen=True)
class CatalogQuestion:
    """A valid searchCatalogItems request. Either ``identifiers`` or ``keywords`` is empty."""

    account: AccountConfig
    included: tuple[str, ...]
    identifiers_type: str
    identifiers: tuple[str, ...]
    keywords: tuple[str, ...]
    brand_names: tuple[str, ...]
    classification_ids: tuple[str, ...]
    page_size: int
    offset: int
    terms: tuple[str, ...]
    """What a page token is bound to: all that decides which items are found, and how many a page has."""


def read_place(query: Query, credential: Credential) -> AccountConfig:
    """The credential's account in the one marketplace that a call names.

    Raises:
        Refusal: 400 without a marketplace, with several, or with one that the credential does not sell in.
    """
    if "marketplaceIds" not in query:
        raise parameters_missing(["marketplaceIds"])
    marketplace_ids = query.many("marketplaceIds")
    if len(marketplace_ids) != 1:
        raise unparsable()
    fitting = [account for account in credential.accounts if account.marketplace_id == marketplace_ids[0]]
    if not fitting:
        raise invalid_input("Invalid marketplaceIds", f"The marketplace {marketplace_ids[0]} is not yours.")
    return fitting[0]


def read_included(query: Query, credential: Credential, account: AccountConfig) -> tuple[str, ...]:
    """The sections that a call wants, summaries if it names none.

    Raises:
        Refusal: 400 for a section that does not exist, vendor details asked with a seller's token, or a locale that
            the marketplace does not have.
    """
    included = query.many("includedData") or ("summaries",)
    unknown = [name for name in included if name not in SECTIONS]
    if unknown:
        raise invalid_input("Invalid includedData", f"{unknown[0]} is not a valid value.")
    if "vendorDetails" in included and credential.kind != "vendor":
        raise vendor_access_wanted()
    if query.one("locale") not in {"", ENGLISH.locale, vocabulary_of(account.marketplace_id).locale}:
        raise invalid_input("Invalid locale", f"{query.one('locale')} is not a locale of {account.marketplace_id}.")
    return included


def read_question(query: Query, credential: Credential) -> CatalogQuestion:
    """The search that the parameters ask for.

    Raises:
        Refusal: 400 for parameters that are missing, contradict each other or have impossible values.
    """
    account = read_place(query, credential)
    included = read_included(query, credential, account)
    identifiers, keywords = query.many("identifiers"), query.many("keywords")
    if bool(identifiers) == bool(keywords):
        raise invalid_input("Invalid Input", "Either identifiers or keywords must be given, and not both.")
    if len(identifiers) > _MOST_VALUES or len(keywords) > _MOST_VALUES:
        raise invalid_input("Invalid Input", f"At most {_MOST_VALUES} identifiers or keywords can be given.")
    kind = _identifiers_type(query) if identifiers else ""
    narrowing = [name for name in ("brandNames", "classificationIds", "keywordsLocale") if name in query]
    if identifiers and narrowing:
        raise invalid_input("Invalid Input", f"{narrowing[0]} cannot be used with identifiers.")
    page_size = _page_size(query.one("pageSize", "10"))
    brand_names, classification_ids = query.many("brandNames"), query.many("classificationIds")
    lists = (identifiers, keywords, brand_names, classification_ids)
    terms = (account.marketplace_id, kind, str(page_size), *(",".join(values) for values in lists))
    return CatalogQuestion(
        account=account,
        included=included,
        identifiers_type=kind,
        identifiers=identifiers,
        keywords=keywords,
        brand_names=brand_names,
        classification_ids=classification_ids,
        page_size=page_size,
        offset=offset_of(query.one("pageToken"), terms),
        terms=terms,
    )


def _identifiers_type(query: Query) -> str:
    kind = query.one("identifiersType")
    if not kind:
        raise parameters_missing(["identifiersType"])
    if kind not in _IDENTIFIER_TYPES:
        raise invalid_input("Invalid identifiersType", f"{kind} is not a valid value.")
    if kind == "SKU" and not query.one("sellerId"):
        raise parameters_missing(["sellerId"])
    return kind


def _page_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise invalid_input("Invalid pageSize", f"pageSize must be between 1 and {_LARGEST_PAGE}.")
    return int(text)
