"""The task that extracts an account's reports, and the trigger that waits for them without holding a worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from daybreak.orchestration.connections import UnknownAccount, find_account, open_planned
from daybreak.settings import get_settings
from daybreak.steps.extraction import Progress
from daybreak.warehouse.account_lock import account_lock

# Airflow 3.3.2 marks a task failed when its trigger fires within seconds of the deferral (measured 5 to 45 % at 3 s).
SHORTEST_WAIT = timedelta(seconds=15)
POLL_INTERVAL = timedelta(seconds=20)


class ReportsTrigger(BaseTrigger):
    """Fires when no report of the account is in work at Amazon any more, when ``wake_at`` has come, or at ``until``.

    It only polls; it may run more than once and in another process than the task, so it never asks for a report.
    """

    def __init__(self, planned: dict[str, Any], not_before: str, wake_at: str | None, until: str) -> None:
        super().__init__()
        self.planned = planned
        self.not_before = not_before
        self.wake_at = wake_at
        self.until = until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "daybreak.orchestration.reports.ReportsTrigger",
            {
                "planned": self.planned,
                "not_before": self.not_before,
                "wake_at": self.wake_at,
                "until": self.until,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        account_id = self.planned["account_id"]
        await _sleep_until(datetime.fromisoformat(self.not_before))
        stop = min(datetime.fromisoformat(each) for each in (self.wake_at, self.until) if each)
        # asgiref's bridge, not asyncio.to_thread: reading a connection talks to the triggerer's own event loop.
        extraction = await sync_to_async(lambda: open_planned(find_account(account_id), self.planned))()
        while datetime.now(UTC) < stop:
            if await sync_to_async(extraction.poll)():
                break
            await _sleep_until(min(stop, datetime.now(UTC) + POLL_INTERVAL))
        yield TriggerEvent({"account_id": account_id})


class ExtractReports(BaseOperator):
    """Asks for what the plan owes, waits deferred, lands and stages every document. A retry re-attaches.

    ``planned`` is one entry of the plan: ``{"account_id": …, "label": …}``; of a repair it names its window, too.
    """

    template_fields = ("planned",)

    def __init__(self, *, planned: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.planned = planned

    def execute(self, context: Context) -> int:
        settings = get_settings()
        is_repair = "from_date" in self.planned
        minutes = settings.repair_deadline_minutes if is_repair else settings.extract_deadline_minutes
        deadline = datetime.now(UTC) + timedelta(minutes=minutes)
        return self._go_on(context, deadline, failures=[], landed=0)

    def resume(self, context: Context, event: dict[str, Any], deadline: str, failures: list[str], landed: int) -> int:
        """Goes on after the trigger; ``event`` only says that something may be done."""
        self.log.info("going on with %s", event["account_id"])
        return self._go_on(context, datetime.fromisoformat(deadline), failures, landed)

    def _go_on(self, context: Context, deadline: datetime, failures: list[str], landed: int) -> int:
        context["account_label"] = self.planned["label"]
        try:
            account = find_account(self.planned["account_id"])
        except UnknownAccount as unknown:
            raise AirflowFailException(str(unknown)) from None
        extraction = open_planned(account, self.planned)
        with account_lock(account.account_id):
            failures = failures + extraction.arrivals.stage_landed()
            progress = extraction.advance()
        failures += progress.failures
        landed += progress.landed
        self.log.info(
            "%s: %d documents landed, %d reports open", account.account_id, progress.landed, progress.open_requests
        )
        if progress.open_requests:
            self._wait(progress, deadline, failures, landed)
        if failures:
            raise AirflowFailException("\n".join(failures))
        return landed

    def _wait(self, progress: Progress, deadline: datetime, failures: list[str], landed: int) -> NoReturn:
        """Gives the worker free until something may be done.

        Raises:
            TaskDeferred: always, before the deadline.
            AirflowFailException: at the deadline. The reports stay on record: the next run goes on with the same ones.
        """
        now, account_id = datetime.now(UTC), self.planned["account_id"]
        if now >= deadline:
            late = (
                f"{account_id}: {progress.open_requests} reports are not finished at the deadline "
                f"({deadline:%H:%M} UTC); the next run goes on with the same reports"
            )
            raise AirflowFailException("\n".join([*failures, late]))
        not_before = now + SHORTEST_WAIT
        wake_at = None
        if progress.wake_seconds is not None:
            wake_at = max(not_before, now + timedelta(seconds=progress.wake_seconds)).isoformat()
        raise TaskDeferred(
            trigger=ReportsTrigger(dict(self.planned), not_before.isoformat(), wake_at, deadline.isoformat()),
            method_name="resume",
            kwargs={"deadline": deadline.isoformat(), "failures": failures, "landed": landed},
            timeout=deadline - now + timedelta(minutes=10),
        )


async def _sleep_until(instant: datetime) -> None:
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))
