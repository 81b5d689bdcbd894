"""Every Data Kiosk query asked, and how far it has come."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from simulator.clock import Clock
from simulator.config import AccountConfig
from simulator.jobs import Job, Outcome, draw_course, region_of
from simulator.kiosk_query import QueryFailure
from simulator.world.analytics import AnalyticsQuestion
from simulator.world.draws import Purpose, generator

RETENTION = timedelta(days=30)
"""The shortest that any field of the schema asks for, and every field asks for it."""
_WAITING_SECONDS = 12.0
_WORKING_SECONDS = 180.0


@dataclass(frozen=True)
class QueryFate:
    """What a query comes to, decided when it is asked: figures, an error, or neither (DONE without a document)."""

    outcome: Outcome
    question: AnalyticsQuestion | None = None
    failure: QueryFailure | None = None
    is_stuck: bool = False
    """It never leaves the queue."""


@dataclass(kw_only=True)
class KioskQuery(Job):
    """One query."""

    query_id: str
    text: str
    fate: QueryFate
    document_id: str

    def has_document(self, pace: float) -> bool:
        return self.status(pace) == self.outcome and (self.fate.question or self.fate.failure) is not None

    def describe(self, pace: float) -> dict[str, Any]:
        """The ``Query`` object of the Data Kiosk API; times are UTC with milliseconds and a ``Z``."""
        body: dict[str, Any] = {
            "queryId": self.query_id,
            "query": self.text,
            "createdTime": stamp(self.created_at),
            "processingStatus": self.status(pace),
        }
        times = (("processingStartTime", self.started_at(pace)), ("processingEndTime", self.ended_at(pace)))
        body |= {name: stamp(instant) for name, instant in times if instant is not None}
        if self.has_document(pace):
            body["dataDocumentId" if self.fate.question else "errorDocumentId"] = self.document_id
        return body


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class KioskBook:
    """Queries in the order they were asked. Ids never repeat, also not after a restart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queries: dict[str, KioskQuery] = {}
        self._by_document: dict[str, KioskQuery] = {}
        self._counts: dict[str, int] = {}
        self._next_id = int(time.time() * 100)

    def __iter__(self) -> Iterator[KioskQuery]:
        return iter(self._queries.values())

    def forget(self) -> None:
        """Every query is gone, as after 30 days: asking for it answers 404."""
        self._queries.clear()
        self._by_document.clear()

    def add(
        self, world_key: int, credential_key: str, account: AccountConfig, text: str, fate: QueryFate
    ) -> KioskQuery:
        """A new query in the queue. How long it waits and works is drawn from the seed; a stuck one waits for ever."""
        count = self._counts.get(account.account_id, 0)
        self._counts[account.account_id] = count + 1
        rng = generator(world_key, Purpose.KIOSK_PROCESSING, count)
        pace = self._clock.pace()
        start, end = draw_course(rng, pace, _WAITING_SECONDS, _WORKING_SECONDS, fate.is_stuck)
        query_id = str(self._next_id)
        self._next_id += 1
        # A restarted world draws the same again, so the query's id is part of the document's.
        document_uuid = UUID(bytes=rng.bytes(16), version=4)
        document_id = f"amzn1.tortuga.4.{region_of(account.marketplace_id)}.{document_uuid}.T{int(query_id):013X}"
        query = KioskQuery(
            query_id=query_id,
            credential_key=credential_key,
            account=account,
            text=text,
            created_at=self._clock.now(),
            created_pace=pace,
            start_pace=start,
            end_pace=end,
            speed=self._clock.speed,
            outcome=fate.outcome,
            fate=fate,
            document_id=document_id,
        )
        self._queries[query_id] = query
        self._by_document[document_id] = query
        return query

    def find(self, query_id: str, credential_key: str) -> KioskQuery | None:
        """The query of this credential; queries are kept for 30 days."""
        return self._kept(self._queries.get(query_id), credential_key)

    def find_document(self, document_id: str, credential_key: str) -> KioskQuery | None:
        """The query whose document this is, once there is one."""
        query = self._kept(self._by_document.get(document_id), credential_key)
        return query if query is not None and query.has_document(self._clock.pace()) else None

    def by_document(self, document_id: str) -> KioskQuery | None:
        return self._by_document.get(document_id)

    def newest_first(self, credential_key: str) -> list[KioskQuery]:
        kept = [self._kept(query, credential_key) for query in reversed(self._queries.values())]
        return [query for query in kept if query is not None]

    def cancel(self, query: KioskQuery) -> bool:
        """Whether ``query`` is CANCELLED now: it was, or had not come to its end."""
        status = query.status(self._clock.pace())
        if status in {"DONE", "FATAL"}:
            return False
        if status != "CANCELLED":
            query.cancelled_at = self._clock.now()
        return True

    def _kept(self, query: KioskQuery | None, credential_key: str) -> KioskQuery | None:
        if query is None or query.credential_key != credential_key:
            return None
        return query if self._clock.now() - query.created_at <= RETENTION else None
