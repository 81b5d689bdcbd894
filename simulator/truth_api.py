"""What was true in the simulated accounts, for whoever measures how much of it was found."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query

from simulator.config import AccountConfig, SimulatorConfig
from simulator.control import token_check
from simulator.simulation import Worlds
from simulator.world.truth import Fact, tell_truth

if TYPE_CHECKING:
    from simulator.simulation import Simulation

USUAL_DAYS = 90


class UnknownAccountError(ValueError):
    """The configuration has no account of that name; the text lists those that it has."""


def facts(
    config: SimulatorConfig,
    worlds: Worlds,
    now: datetime,
    first: date | None,
    last: date | None,
    account_id: str | None,
) -> Iterator[Fact]:
    """The truth of every account, or of ``account_id``, one account after the other.

    ``last`` is yesterday in the account's calendar unless named, ``first`` lies ``USUAL_DAYS`` before it.

    Raises:
        UnknownAccountError: there is no account ``account_id``.
    """
    chosen = [account for account in config.accounts if account_id in (None, account.account_id)]
    if not chosen:
        raise UnknownAccountError(
            f"no account {account_id!r}; there are {', '.join(a.account_id for a in config.accounts)}"
        )
    for account in chosen:
        newest = last or _yesterday(account, now)
        oldest = first or newest - timedelta(days=USUAL_DAYS - 1)
        yield from tell_truth(worlds.of(account), oldest, newest)


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
    ) -> list[dict[str, Any]]:
        now = simulation.clock.now()
        try:
            return [one.record() for one in facts(simulation.config, simulation.worlds, now, first, last, account)]
        except UnknownAccountError as error:
            raise HTTPException(404, str(error)) from error

    return router
