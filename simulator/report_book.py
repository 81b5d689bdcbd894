"""Every report asked for, and how far it has come."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from simulator.clock import Clock
from simulator.config import AccountConfig
from simulator.jobs import Job, Outcome, draw_course, region_of
from simulator.report_windows import ReportRequest
from simulator.world.draws import Purpose, generator
from simulator.world.questions import Question

RETENTION = timedelta(days=90)
_WAITING_SECONDS = 10.0
_WORKING_SECONDS = 36.6


@dataclass(frozen=True)
class Fate:
    """What a report comes to, decided when it is asked for."""

    outcome: Outcome
    question: Question | None = None
    """What the document answers; None where there is none but an error."""
    error_text: str | None = None
    is_stuck: bool = False
    """It never leaves the queue."""


@dataclass(kw_only=True)
class Report(Job):
    """One report."""

    report_id: str
    request: ReportRequest
    fate: Fate
    document_id: str

    def has_document(self, pace: float) -> bool:
        return self.status(pace) in {"DONE", "FATAL"}

    def describe(self, pace: float) -> dict[str, Any]:
        """The ``Report`` object of the Reports API; times end in ``+00:00`` as live ones do."""
        body: dict[str, Any] = {"reportType": self.request.report_type, "processingStatus": self.status(pace)}
        times = (("processingStartTime", self.started_at(pace)), ("processingEndTime", self.ended_at(pace)))
        body |= {name: stamp(instant) for name, instant in times if instant is not None}
        body["marketplaceIds"] = list(self.request.marketplace_ids)
        if self.has_document(pace):
            body["reportDocumentId"] = self.document_id
        body["reportId"] = self.report_id
        body["createdTime"] = stamp(self.created_at)
        for name, value in (("dataStartTime", self.request.data_start), ("dataEndTime", self.request.data_end)):
            if value is not None:
                body[name] = stamp(value)
        return body


def stamp(instant: datetime) -> str:
    return instant.replace(microsecond=0).isoformat()


class ReportBook:
    """Reports in the order they were asked for. Ids never repeat, also not after a restart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reports: dict[str, Report] = {}
        self._by_document: dict[str, Report] = {}
        self._counts: dict[str, int] = {}
        self._next_id = int(time.time() * 100)

    def __iter__(self) -> Iterator[Report]:
        return iter(self._reports.values())

    def forget(self) -> None:
        """Every report is gone, as after 90 days: asking for it answers 404."""
        self._reports.clear()
        self._by_document.clear()

    def add(
        self, world_key: int, credential_key: str, account: AccountConfig, request: ReportRequest, fate: Fate
    ) -> Report:
        """A new report in the queue. How long it waits and works is drawn from the seed; a stuck one waits for ever."""
        count = self._counts.get(account.account_id, 0)
        self._counts[account.account_id] = count + 1
        rng = generator(world_key, Purpose.PROCESSING, count)
        pace = self._clock.pace()
        start, end = draw_course(rng, pace, _WAITING_SECONDS, _WORKING_SECONDS, fate.is_stuck)
        report_id = str(self._next_id)
        self._next_id += 1
        report = Report(
            report_id=report_id,
            credential_key=credential_key,
            account=account,
            request=request,
            created_at=self._clock.now(),
            created_pace=pace,
            start_pace=start,
            end_pace=end,
            speed=self._clock.speed,
            outcome=fate.outcome,
            fate=fate,
            document_id=_document_id(rng, account.marketplace_id, report_id),
        )
        self._reports[report_id] = report
        self._by_document[report.document_id] = report
        return report

    def find(self, report_id: str, credential_key: str) -> Report | None:
        """The report of this credential; reports are kept for 90 days."""
        return self._kept(self._reports.get(report_id), credential_key)

    def find_document(self, document_id: str, credential_key: str) -> Report | None:
        """The report whose document this is, once there is one."""
        report = self._kept(self._by_document.get(document_id), credential_key)
        return report if report is not None and report.has_document(self._clock.pace()) else None

    def by_document(self, document_id: str) -> Report | None:
        return self._by_document.get(document_id)

    def newest_first(self, credential_key: str) -> list[Report]:
        kept = [self._kept(report, credential_key) for report in reversed(self._reports.values())]
        return [report for report in kept if report is not None]

    def cancel(self, report: Report) -> bool:
        """Whether ``report`` was still in the queue; then it is CANCELLED now."""
        if report.status(self._clock.pace()) != "IN_QUEUE":
            return False
        report.cancelled_at = self._clock.now()
        return True

    def _kept(self, report: Report | None, credential_key: str) -> Report | None:
        if report is None or report.credential_key != credential_key:
            return None
        return report if self._clock.now() - report.created_at <= RETENTION else None


def _document_id(rng: np.random.Generator, marketplace_id: str, report_id: str) -> str:
    """Like live ones. A restarted world draws the same again, so the report's id is part of it."""
    region = region_of(marketplace_id)
    return f"amzn1.spdoc.1.4.{region}.{UUID(bytes=rng.bytes(16), version=4)}.T{int(report_id):013X}.400"
