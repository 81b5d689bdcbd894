"""Faults waiting to strike: armed through the control interface, each good for a number of times."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.operations import ALL_OPERATIONS, DOWNLOAD_DOCUMENT, REQUEST_ACCESS_TOKEN

CallKind = Literal[
    "http_503_html",
    "http_500",
    "http_429",
    "http_429_empty_body",
    "expired_token",
    "revoked_token",
    "role_missing",
    "connection_reset",
    "slow_body",
    "lwa_invalid_grant",
    "lwa_503_html",
    "report_not_found",
]
CreationKind = Literal["report_fatal", "report_cancelled", "report_stuck"]
DocumentKind = Literal[
    "document_truncated",
    "document_html",
    "document_xml",
    "document_json_cut",
    "document_wrong_marketplace",
    "document_missing_field",
    "document_string_for_number",
    "document_duplicate_row",
    "document_odd_asin",
    "document_unknown_field",
    "document_empty_day",
    "document_half_rows",
]
AnswerKind = Literal[
    "answer_image_without_size",
    "answer_title_markup",
    "answer_unknown_locale",
    "answer_null_sections",
    "answer_page_token_repeats",
    "answer_price_zero",
    "answer_price_null",
    "answer_two_featured",
    "answer_no_offers",
    "answer_unknown_seller",
    "answer_item_failed",
    "answer_null_quantities",
    "answer_duplicate_order",
    "answer_duplicate_line",
    "answer_cut",
    "answer_html",
]


class Stage(Enum):
    """Where in a call a fault strikes."""

    CALL = "call"
    CREATION = "creation"
    DOCUMENT = "document"
    ANSWER = "answer"
    NEXT_PAGE = "next_page"
    """The answer to a call that carries a page token."""


_HOME_OPERATIONS = {
    "lwa_invalid_grant": REQUEST_ACCESS_TOKEN,
    "lwa_503_html": REQUEST_ACCESS_TOKEN,
    "report_not_found": "getReport",
    "report_fatal": "createReport",
    "report_cancelled": "createReport",
    "report_stuck": "createReport",
}
_OFFERS = frozenset({"getItemOffers", "getItemOffersBatch", "getCompetitiveSummary"})
_ORDERS = frozenset({"getPurchaseOrders", "getPurchaseOrdersStatus"})
_CATALOG = frozenset({"searchCatalogItems", "getCatalogItem"})
TOKEN_PLACES: dict[str, tuple[str, ...]] = {
    "searchCatalogItems": ("pagination", "nextToken"),
    "searchContentDocuments": ("nextPageToken",),
    "listContentDocumentAsinRelations": ("nextPageToken",),
    "searchContentPublishRecords": ("nextPageToken",),
    "getReports": ("nextToken",),
    "getPurchaseOrders": ("payload", "pagination", "nextToken"),
    "getPurchaseOrdersStatus": ("payload", "pagination", "nextToken"),
}
"""By operation that pages: where in its answer the next page's token stands."""
_ANSWER_OPERATIONS: dict[str, frozenset[str]] = {
    "answer_image_without_size": _CATALOG,
    "answer_title_markup": _CATALOG,
    "answer_unknown_locale": _CATALOG,
    "answer_null_sections": _CATALOG
    | {"searchContentDocuments", "listContentDocumentAsinRelations", "searchContentPublishRecords"},
    "answer_page_token_repeats": frozenset(TOKEN_PLACES),
    "answer_price_zero": _OFFERS,
    "answer_price_null": _OFFERS,
    "answer_two_featured": _OFFERS,
    "answer_no_offers": _OFFERS,
    "answer_unknown_seller": _OFFERS,
    "answer_item_failed": _OFFERS - {"getItemOffers"},
    "answer_null_quantities": _ORDERS | {"getPurchaseOrder"},
    "answer_duplicate_order": _ORDERS,
    "answer_duplicate_line": _ORDERS | {"getPurchaseOrder"},
}
"""By fault of an answer: the operations that it can strike in; one that is not named strikes in all."""


class Fault(BaseModel):
    """One fault order. A field left null matches everything; ``operation`` null means wherever the kind belongs."""

    model_config = ConfigDict(extra="forbid")
    kind: CallKind | CreationKind | DocumentKind | AnswerKind
    operation: str | None = None
    account_id: str | None = None
    report_type: str | None = None
    times: Annotated[int, Field(ge=1)] = 1
    seconds: Annotated[float, Field(ge=0, le=600)] = 10.0
    """How long a ``slow_body`` trickles."""
    text: str | None = None
    """The ``errorDetails`` of a ``report_fatal``."""

    @model_validator(mode="after")
    def _at_home(self) -> "Fault":
        home = DOWNLOAD_DOCUMENT if self.kind.startswith("document_") else _HOME_OPERATIONS.get(self.kind)
        if self.operation is None:
            self.operation = home
        elif self.operation not in ALL_OPERATIONS:
            raise ValueError(f"operation {self.operation!r} is none of {', '.join(sorted(ALL_OPERATIONS))}")
        elif home is not None and self.operation != home:
            raise ValueError(f"{self.kind} strikes in {home} only")
        elif self.operation not in _ANSWER_OPERATIONS.get(self.kind, {self.operation}):
            raise ValueError(f"{self.kind} strikes in {', '.join(sorted(_ANSWER_OPERATIONS[self.kind]))} only")
        return self

    @property
    def stage(self) -> Stage:
        if self.kind.startswith("document_"):
            return Stage.DOCUMENT
        if self.kind.startswith("answer_"):
            return Stage.NEXT_PAGE if self.kind == "answer_page_token_repeats" else Stage.ANSWER
        return Stage.CREATION if self.operation == "createReport" and self.kind.startswith("report_") else Stage.CALL

    def strikes_in(self, operation: str) -> bool:
        """Whether the fault is meant for ``operation``.

        One without an operation strikes wherever its kind belongs, but not in logins and downloads.
        """
        if self.operation is not None:
            return self.operation == operation
        if self.kind in _ANSWER_OPERATIONS:
            return operation in _ANSWER_OPERATIONS[self.kind]
        return operation not in {REQUEST_ACCESS_TOKEN, DOWNLOAD_DOCUMENT}


class Armoury:
    """The armed faults, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def arm(self, faults: list[Fault]) -> None:
        self._faults.extend(fault.model_copy() for fault in faults)

    def clear(self) -> None:
        self._faults.clear()

    def waiting(self) -> list[Fault]:
        return list(self._faults)

    def strike(
        self, stage: Stage, operation: str, account_ids: tuple[str, ...] = (), report_type: str | None = None
    ) -> Fault | None:
        """The first fault that fits this call, used up once; None where none does."""
        for fault in self._faults:
            fits = (
                fault.stage is stage
                and fault.strikes_in(operation)
                and (fault.account_id is None or fault.account_id in account_ids)
                and (fault.report_type is None or fault.report_type == report_type)
            )
            if fits:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None
