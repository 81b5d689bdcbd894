"""createQuery bodies read and accepted: what is refused at once, and what becomes a query that fails later."""

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from simulator.faults.armoury import Fault, Stage
from simulator.kiosk_book import KioskQuery, QueryFate
from simulator.kiosk_query import DOMAIN, QueryFailure, QueryRefusedError, read_analytics
from simulator.login import Credential
from simulator.refusals import invalid_input, invalid_query
from simulator.world.analytics import has_lines

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_DEFAULT_FATAL_TEXT = "Exception while fetching data"


class _Body(msgspec.Struct):
    query: str
    paginationToken: str | None = None  # noqa: N815  Amazon's name


def read_body(body: bytes) -> str:
    """The query's text.

    Raises:
        Refusal: 400 for no JSON, no query, or a page token: no document here is long enough to have given one.
    """
    try:
        read = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise invalid_input() from None
    if read.paginationToken is not None:
        raise invalid_input("The provided paginationToken is invalid.")
    return read.query


def accept(simulation: "Simulation", credential: Credential, text: str) -> KioskQuery:
    """``text`` as a query in the queue, its outcome decided by the schema, the world's date and armed faults.

    Raises:
        Refusal: 400 for a query that the schema does not know.
    """
    account = credential.accounts[0]
    world = simulation.worlds.of(account)
    try:
        read = read_analytics(text, simulation.clock.now(), account.time_zone)
    except QueryRefusedError as error:
        raise invalid_query(error.details) from None
    fault = simulation.armoury.strike(Stage.CREATION, "createQuery", (account.account_id,), DOMAIN)
    if isinstance(read, QueryFailure):
        fate = QueryFate("FATAL", failure=read)
    else:
        fate = QueryFate("DONE", read if has_lines(world, read) else None)
    fate = _spoilt(fate, fault) if fault is not None else fate
    return simulation.kiosk.add(world.key, credential.key, account, text, fate)


def _spoilt(fate: QueryFate, fault: Fault) -> QueryFate:
    if fault.kind == "query_stuck":
        return replace(fate, is_stuck=True)
    if fault.kind == "query_cancelled":
        return QueryFate("CANCELLED")
    if fault.kind == "query_without_document":
        return QueryFate("DONE")
    text = fault.text or _DEFAULT_FATAL_TEXT
    return QueryFate("FATAL", failure=QueryFailure(text, (DOMAIN,), 1, 1, "DataFetchingException"))
