"""What was true in the simulated accounts, for whoever measures how much of it was found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query
from starlette.responses import StreamingResponse

from simulator.config import AccountConfig, SimulatorConfig
from simulator.control import token_check
from simulator.simulation import Worlds
from simulator.world.truth import Fact, tell_truth

if TYPE_CHECKING:
    from simulator.simulation import Simulation

USUAL_DAYS = 90


class UnknownAccountError(ValueError):
    """The configuration has no account of that name; the text lists those that it has."""


@dataclass(frozen=True)
class TruthQuestion:
    """Whose truth, and of which days: every account unless one is named, the ``USUAL_DAYS`` to ``last`` unless
    ``first`` is named, to yesterday in the account's calendar unless ``last`` is.
    """

    first: date | None = None
    last: date | None = None
    account_id: str | None = None

    def accounts(self, config: SimulatorConfig) -> list[AccountConfig]:
        """Those that are asked about.

        Raises:
            UnknownAccountError: there is no account ``account_id``.
        """
        found = [account for account in config.accounts if self.account_id in (None, account.account_id)]
        if not found:
            known = ", ".join(account.account_id for account in config.accounts)
            raise UnknownAccountError(f"no account {self.account_id!r}; there are {known}")
        return found

    def answer(self, accounts: list[AccountConfig], worlds: Worlds, now: datetime) -> Iterator[Fact]:
        """The facts, one account after the other."""
        for account in accounts:
            last = self.last or _yesterday(account, now)
            yield from tell_truth(worlds.of(account), self.first or last - timedelta(days=USUAL_DAYS - 1), last)


def _yesterday(account: AccountConfig, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.time_zone)).date() - timedelta(days=1)


def truth_router(simulation: "Simulation") -> APIRouter:
    """``GET /truth``, with the header ``x-control-token``."""
    router = APIRouter(dependencies=[Depends(token_check(simulation))])

    @router.get("/truth")
    def show_truth(
        first: Annotated[date | None, Query(alias="from")] = None,
        last: Annotated[date | None, Query(alias="to")] = None,
        account: str | None = None,
    ) -> StreamingResponse:
        question = TruthQuestion(first, last, account)
        try:
            accounts = question.accounts(simulation.config)
        except UnknownAccountError as error:
            raise HTTPException(404, str(error)) from error
        found = question.answer(accounts, simulation.worlds, simulation.clock.now())
        return StreamingResponse(_array(found), media_type="application/json")

    return router


def _array(found: Iterator[Fact]) -> Iterator[bytes]:
    """A JSON array in pieces: the truth of many large accounts is never whole in memory."""
    yield b"["
    for number, fact in enumerate(found):
        yield (b"," if number else b"") + msgspec.json.encode(fact.record())
    yield b"]"
