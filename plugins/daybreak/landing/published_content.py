"""What the account's A+ documents tell, answer by answer: on which pages content is published, and what to ask next.

By document, because one serves a family of variations and often several: 20,000 products of the simulated world take
1,610 calls so, and 20,000 by ``searchContentPublishRecords``, which tells one product at a time.
"""

from collections import deque
from dataclasses import dataclass

import msgspec

from daybreak.landing.page_calls import PageCall
from daybreak.landing.rejections import ROW_ERRORS

_PUBLISHED = "CONTENT_PUBLISHED"


class _DocumentRecord(msgspec.Struct, rename="camel"):
    content_reference_key: str


class _Documents(msgspec.Struct, rename="camel"):
    content_metadata_records: list[_DocumentRecord]
    next_page_token: str | None = None


class _Product(msgspec.Struct, rename="camel"):
    asin: str
    badge_set: list[str]


class _Products(msgspec.Struct, rename="camel"):
    asin_metadata_set: list[_Product]
    next_page_token: str | None = None


@dataclass(frozen=True)
class ContentQuestion:
    """A page of the account's documents, or of the products of the document ``content_key``."""

    content_key: str | None = None
    page_token: str | None = None

    @property
    def operation(self) -> str:
        return "searchContentDocuments" if self.content_key is None else "listContentDocumentAsinRelations"


class PublishedContent:
    """The answers so far. ``published`` are products with content on their page; that another has none is known only
    once the last question is answered. ``flaw`` says in words why it will not be.

    A document is asked about whatever its status: that is its newest version's, while an older one may be published.
    """

    def __init__(self) -> None:
        self.published: set[str] = set()
        self.flaw: str | None = None
        self._open: deque[ContentQuestion] = deque([ContentQuestion()])
        self._known_keys: set[str] = set()
        self._tokens_seen: set[tuple[str | None, str]] = set()

    @property
    def next_question(self) -> ContentQuestion | None:
        """What to ask next; None once everything is known, or a flaw ended it."""
        return self._open[0] if self._open and self.flaw is None else None

    @property
    def is_complete(self) -> bool:
        return self.flaw is None and not self._open

    def take(self, call: PageCall) -> None:
        """Reads the answer to ``next_question``."""
        question = self.next_question
        if question is None or (question.operation, question.content_key) != (call.operation, call.content_key):
            self.flaw = self.flaw or f"an answer of {call.operation} that was not the next to be asked for"
            return
        self._open.popleft()
        if call.refused is not None:
            # A document that is gone since it was listed stands on no page.
            if not (call.is_absent and call.content_key):
                self.flaw = call.refused
            return
        try:
            token = self._take_documents(call) if call.content_key is None else self._take_products(call)
        except ROW_ERRORS as error:
            self.flaw = f"an answer of {call.operation} cannot be read: {error}"
            return
        if token:
            self._turn_page(question, token)

    def _take_documents(self, call: PageCall) -> str | None:
        page = msgspec.json.decode(call.answer, type=_Documents)
        for record in page.content_metadata_records:
            if record.content_reference_key not in self._known_keys:
                self._known_keys.add(record.content_reference_key)
                self._open.append(ContentQuestion(record.content_reference_key))
        return page.next_page_token

    def _take_products(self, call: PageCall) -> str | None:
        page = msgspec.json.decode(call.answer, type=_Products)
        self.published |= {product.asin for product in page.asin_metadata_set if _PUBLISHED in product.badge_set}
        return page.next_page_token

    def _turn_page(self, question: ContentQuestion, token: str) -> None:
        if (question.content_key, token) in self._tokens_seen:
            self.flaw = f"the pages of {question.operation} go in a circle"
            return
        self._tokens_seen.add((question.content_key, token))
        self._open.appendleft(ContentQuestion(question.content_key, token))
