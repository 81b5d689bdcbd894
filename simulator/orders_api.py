"""The Vendor Orders API, version 1, as far as it reads."""

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.config import AccountConfig
from simulator.gateway import Caller
from simulator.login import Credential
from simulator.order_queries import Operation, OrderQuery, read_query
from simulator.order_shapes import write_order, write_status
from simulator.refusals import invalid_order_request, unknown_order
from simulator.world.order_numbers import order_place
from simulator.world.order_weeks import OrderWeek
from simulator.world.purchase_orders import LONGEST_LIFE_DAYS, PurchaseOrders

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/vendor/orders/v1"
_DAY = 86_400
Found = tuple[int, str, PurchaseOrders, OrderWeek, int]
"""When it was placed, its number, and where it stands."""


class OrderOperations:
    """The operations themselves, behind the gateway. One call at a time: the orders keep weeks in memory."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation
        self._books: dict[str, PurchaseOrders] = {}
        self._lock = threading.Lock()

    def page(self, credential: Credential, operation: Operation, given: dict[str, str]) -> Response:
        """One page of the orders of every account that the credential opens."""
        now = int(self._simulation.clock.now().timestamp())
        query = read_query(operation, given, now)
        with self._lock:
            found = [
                hit
                for account in credential.accounts
                for hit in self._find(self._book(account), query, now)
                if query.after is None or (hit[:2] < query.after if query.is_descending else hit[:2] > query.after)
            ]
        found.sort(key=lambda hit: hit[:2], reverse=query.is_descending)
        shown = found[: query.limit]
        pagination = {"nextToken": query.token(shown[-1][:2])} if len(found) > len(shown) else {}
        if operation == "getPurchaseOrders":
            orders = [write_order(*hit[2:], now, has_details=query.has_details) for hit in shown]
            return JSONResponse({"payload": {"pagination": pagination, "orders": orders}})
        statuses = [write_status(*hit[2:], now) for hit in shown]
        return JSONResponse({"payload": {"pagination": pagination, "ordersStatus": statuses}})

    def one(self, credential: Credential, number: str) -> Response:
        """The order with this number.

        Raises:
            Refusal: 400 for what is no order number, 404 for one that is not the caller's.
        """
        if len(number) != 8 or not number.isascii() or not number.isalnum():
            raise invalid_order_request("purchaseOrderNumber")
        now = int(self._simulation.clock.now().timestamp())
        query = OrderQuery("getPurchaseOrders", number=number)
        with self._lock:
            for account in credential.accounts:
                for _, _, book, week, order in self._find(self._book(account), query, now):
                    return JSONResponse({"payload": write_order(book, week, order, now, has_details=True)})
        raise unknown_order()

    def _book(self, account: AccountConfig) -> PurchaseOrders:
        if account.account_id not in self._books:
            self._books[account.account_id] = PurchaseOrders(self._simulation.worlds.of(account))
        return self._books[account.account_id]

    def _find(self, book: PurchaseOrders, query: OrderQuery, now: int) -> list[Found]:
        if query.vendor_code not in {None, book.vendor_code}:
            return []
        days = _order_days(book, query, now)
        if days is None:
            return []
        return [
            (int(week.placed_at[order]), week.numbers[order], book, week, int(order))
            for week in book.weeks(*days, now)
            for order in np.flatnonzero(query.selects(week, now))
        ]


def _order_days(book: PurchaseOrders, query: OrderQuery, now: int) -> tuple[int, int] | None:
    """The days on which an order that the query selects can have been placed; None where there is none."""
    if query.number is not None:
        place = order_place(book.world.key, query.number)
        return None if place is None else (place.day, place.day)
    if query.created is not None:
        return book.day_of(query.created.after), book.day_of(query.created.before)
    oldest = query.touched.after if query.touched else now
    newest = min(query.touched.before, now) if query.touched else now
    return book.day_of(oldest - LONGEST_LIFE_DAYS * _DAY), book.day_of(newest)


def orders_router(simulation: "Simulation") -> APIRouter:
    """getPurchaseOrders, getPurchaseOrder, getPurchaseOrdersStatus."""
    router = APIRouter(prefix=_ROOT)
    operations = OrderOperations(simulation)
    answer = simulation.gateway.answer

    async def page(request: Request, operation: Operation) -> Response:
        given: dict[str, Any] = dict(request.query_params)

        async def work(caller: Caller) -> Response:
            return await asyncio.to_thread(operations.page, caller.credential, operation, given)

        return await answer(request, operation, work)

    @router.get("/purchaseOrders")
    async def get_purchase_orders(request: Request) -> Response:
        return await page(request, "getPurchaseOrders")

    @router.get("/purchaseOrdersStatus")
    async def get_purchase_orders_status(request: Request) -> Response:
        return await page(request, "getPurchaseOrdersStatus")

    @router.get("/purchaseOrders/{number}")
    async def get_purchase_order(request: Request, number: str) -> Response:
        async def work(caller: Caller) -> Response:
            return await asyncio.to_thread(operations.one, caller.credential, number)

        return await answer(request, "getPurchaseOrder", work)

    return router
