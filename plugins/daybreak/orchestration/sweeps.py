"""The task that sweeps offers for accounts sharing a credential, and the trigger that asks while no worker is held."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from daybreak.orchestration.connections import find_account, open_sweep
from daybreak.orchestration.reports import SHORTEST_WAIT
from daybreak.orchestration.sweep_tasks import OF_ONE_ACCOUNT, accounts_of
from daybreak.settings import get_settings
from daybreak.steps.extraction import Extraction, Progress
from daybreak.steps.sweep_rounds import Rounds, offers_lock
from daybreak.warehouse.account_lock import account_lock


class SweepTrigger(BaseTrigger):
    """Asks for the offers of begun sweeps at the pace of their quota; fires when nothing is left, or at ``until``.

    Amazon grants one call in ten seconds: deferring between calls would leave most of that unused, and waiting in a
    task would hold its worker for hours. Every answer is on disk before the next call, so that the trigger may die, or
    run in two processes at once, without asking twice. It decides nothing: the task lands what is there.
    """

    def __init__(self, account_ids: Sequence[str], not_before: str, until: str) -> None:
        super().__init__()
        self.account_ids = list(account_ids)
        self.not_before = not_before
        self.until = until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "daybreak.orchestration.sweeps.SweepTrigger",
            {"account_ids": self.account_ids, "not_before": self.not_before, "until": self.until},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        until = datetime.fromisoformat(self.until)
        # asgiref's bridge, not asyncio.to_thread: reading a connection talks to the triggerer's own event loop.
        rounds = Rounds(await sync_to_async(self._open)())
        while datetime.now(UTC) < until:
            # A thread of its own: in the shared one, each call would hold up every other trigger.
            pause = await sync_to_async(rounds.step, thread_sensitive=False)()
            if pause is None:
                break
            await asyncio.sleep(min(pause, max(0.0, (until - datetime.now(UTC)).total_seconds())))
        await asyncio.sleep(max(0.0, (datetime.fromisoformat(self.not_before) - datetime.now(UTC)).total_seconds()))
        yield TriggerEvent({"account_ids": self.account_ids})

    def _open(self) -> list[Extraction]:
        # Without patience: the wait for the quota is slept outside the thread.
        return [open_sweep(find_account(account_id), patience_seconds=0.0) for account_id in self.account_ids]


class SweepOffers(BaseOperator):
    """Sweeps the offers of one group of accounts: lands and stages what was seen. A retry repeats no answered call.

    ``group`` is one entry of the plan: ``{"credential_id": …, "label": …, "account_ids": […]}``.
    """

    template_fields = ("group",)

    def __init__(self, *, group: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group = group

    def execute(self, context: Context) -> int:
        until = datetime.now(UTC) + timedelta(minutes=get_settings().sweep_window_minutes)
        return self._go_on(context, until, failures=[], landed=0)

    def resume(self, context: Context, event: dict[str, Any], until: str, failures: list[str], landed: int) -> int:
        """Goes on after the trigger; ``event`` only says that something may be done."""
        self.log.info("going on with %s", ", ".join(event["account_ids"]))
        return self._go_on(context, datetime.fromisoformat(until), failures, landed)

    def _go_on(self, context: Context, until: datetime, failures: list[str], landed: int) -> int:
        failures = list(failures)
        unfinished: list[str] = []
        for account in accounts_of(self.group, context, failures):
            try:
                progress = self._advance(open_sweep(account), failures)
            except OF_ONE_ACCOUNT as failure:
                failures.append(str(failure))
                continue
            landed += progress.landed
            if progress.open_requests:
                unfinished.append(account.account_id)
        if unfinished:
            self._wait(unfinished, until, failures, landed)
        if failures:
            raise AirflowFailException("\n".join(failures))
        return landed

    def _advance(self, extraction: Extraction, failures: list[str]) -> Progress:
        account_id = extraction.account.account_id
        with account_lock(offers_lock(account_id)):
            failures += extraction.arrivals.stage_landed(extraction.dataset_codes)
            progress = extraction.advance()
        failures += progress.failures
        self.log.info("%s: %d sweeps landed, %d open", account_id, progress.landed, progress.open_requests)
        return progress

    def _wait(self, unfinished: Sequence[str], until: datetime, failures: list[str], landed: int) -> NoReturn:
        """Gives the worker free until the sweeps were asked for, or their windows ended.

        Raises:
            TaskDeferred: always. Behind ``until`` every window has ended, and the next pass lands what is there.
        """
        not_before = datetime.now(UTC) + SHORTEST_WAIT
        until = max(until, not_before)
        raise TaskDeferred(
            trigger=SweepTrigger(unfinished, not_before.isoformat(), until.isoformat()),
            method_name="resume",
            kwargs={"until": until.isoformat(), "failures": failures, "landed": landed},
            timeout=until - datetime.now(UTC) + timedelta(minutes=10),
        )
