"""The stock of every product, one day after the other.

Laws, per ASIN and day (tests hold them):
``on_hand = yesterday's on_hand + net_received + resellable - ordered + cancelled`` where *on hand* is units in the
fulfilment centres less units owed to customers, so backorders make it negative, as Amazon counts it;
``owed = yesterday's owed + ordered - shipped - cancelled``; nothing ships that is not there; nothing is ordered
beyond stock and the product's backorder allowance.
"""

import zlib
from dataclasses import dataclass, fields
from io import BytesIO
from typing import Self

import numpy as np
from numpy.typing import NDArray

from simulator.world.catalogue import Catalogue, Floats, Ints
from simulator.world.demand import Demand
from simulator.world.draws import Purpose, generator
from simulator.world.effects import DayEffects, Effects
from simulator.world.featured import contest
from simulator.world.prices import Prices
from simulator.world.supply import RING_DAYS, PurchaseOrders, Supply

AGE_WEEKS = 13
"""Receipts of this many weeks count as younger than 90 days."""
LOWEST_ATTENTION = 0.3
SOLD_OUT_SHARE = 0.5
"""Of the day on which the last unit is sold."""


@dataclass
class StockState:
    """Everything that one day hands to the next; one entry per ASIN in the last axis."""

    physical: Ints
    owed: Ints
    unsellable: Ints
    returnable: Ints
    open_units: Ints
    arrivals: NDArray[np.int32]
    """Confirmed units by day of arrival modulo ``RING_DAYS``."""
    young: NDArray[np.int32]
    """Units received by week modulo ``AGE_WEEKS``."""
    pace: Floats
    """Shipped units per day, smoothed: what returns follow."""
    attention: Floats
    lead_seen: Floats
    """Days from order to receipt, smoothed over receipts; NaN before the first."""

    def pack(self) -> bytes:
        """The state in little room; ``unpack`` gives it back."""
        file = BytesIO()
        np.savez(file, allow_pickle=False, **{item.name: getattr(self, item.name) for item in fields(self)})
        return zlib.compress(file.getbuffer(), 1)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        with np.load(BytesIO(zlib.decompress(packed)), allow_pickle=False) as arrays:
            return cls(**{item.name: arrays[item.name] for item in fields(cls)})


@dataclass(frozen=True)
class DayFigures:
    """The true figures of one day, one entry per ASIN; units unless said otherwise."""

    views: Ints
    ordered: Ints
    shipped: Ints
    returned: Ints
    resellable: Ints
    cancelled: Ints
    received: Ints
    """Net of what went back to the vendor; may be negative."""
    expected: Ints
    """Confirmed units that were due to arrive."""
    on_hand: Ints
    owed: Ints
    unsellable: Ints
    aged: Ints
    open_units: Ints
    asked: Ints
    confirmed: Ints
    opening: Ints
    """Units in the fulfilment centres when the day began."""
    out_of_stock_views: Ints
    lead_seen: Floats
    """Days."""
    price: Floats
    """Amazon's own selling price, tax included, as its page shows it."""
    cost: Floats
    """Net cost that Amazon pays per unit."""
    other_price: Floats
    """The lowest other seller's price with shipping; NaN when nobody else sells."""
    featured_share: Floats
    """0 to 1: of the day, while Amazon's retail offer is the featured one."""
    suppressed_share: Floats
    """0 to 1: of the day, while there are offers but none is featured."""
    all_views: Ints
    """Every view of the page; ``views`` are those while retail is featured."""
    way_days: Ints
    """From order to arrival of what was ordered today."""
    confirm_day_offset: Ints
    """Days until the vendor answers today's order; -1 when he never does."""


@dataclass(frozen=True)
class Laws:
    """What decides a day: the script's effects, prices, customers and purchase orders."""

    effects: Effects
    prices: Prices
    demand: Demand
    supply: Supply


class Stock:
    """Moves one account's stock from day to day."""

    def __init__(self, catalogue: Catalogue, laws: Laws) -> None:
        self._catalogue = catalogue
        self._laws = laws
        self.backorder_allowance: Ints = np.ceil(catalogue.backorder_days * catalogue.units_per_day).astype(np.int64)

    def opening_state(self) -> StockState:
        """The state before day 0: sound products near their target, dead ones with stock that nobody wants."""
        catalogue, size = self._catalogue, self._catalogue.size
        rng = generator(catalogue.key, Purpose.OPENING)
        cover = (catalogue.lead_days + catalogue.safety_days) * catalogue.stock_factor * rng.uniform(0.4, 1.2, size)
        physical = np.ceil(self._laws.demand.expected_units(0) * cover).astype(np.int64)
        physical[catalogue.is_dead] = rng.integers(20, 300, size)[catalogue.is_dead]
        zeros = np.zeros(size, dtype=np.int64)
        return StockState(
            physical=physical,
            owed=zeros.copy(),
            unsellable=zeros.copy(),
            returnable=zeros.copy(),
            open_units=zeros.copy(),
            arrivals=np.zeros((RING_DAYS, size), dtype=np.int32),
            young=np.zeros((AGE_WEEKS, size), dtype=np.int32),
            pace=np.zeros(size),
            attention=np.ones(size),
            lead_seen=np.full(size, np.nan),
        )

    def advance(self, state: StockState, day: int) -> DayFigures:
        """``state`` is moved over ``day`` in place; the day's figures are returned."""
        rng = generator(self._catalogue.key, Purpose.STOCK, day)
        effects = self._laws.effects.of(day)
        prices = self._laws.prices.of(day, effects)
        opening = state.physical.copy()
        expected, received = self._receive(state, day, rng)
        returned, resellable = self._take_returns(state, day, rng)
        is_in_stock, can_buy = state.physical > state.owed, self._room(state) > 0
        shares = contest(self._catalogue, day, prices, effects, is_in_stock, can_buy)
        visits = self._laws.demand.draw(day, state.attention, is_in_stock, effects)
        ordered, shipped, cancelled = self._sell(state, visits.wanted(prices.appetite, shares.reach), rng)
        on_hand = state.physical - state.owed
        sold_out = can_buy & (self._room(state) <= 0)
        shares = shares.closed(np.where(sold_out, SOLD_OUT_SHARE, 0.0))
        state.attention = np.where(
            on_hand > 0,
            state.attention + 0.07 * (1 - state.attention),
            np.maximum(LOWEST_ATTENTION, state.attention * 0.95),
        )
        orders = self._order(state, day, effects, rng)
        closed_views = np.where(~is_in_stock, visits.views, np.where(on_hand <= 0, visits.views // 2, 0))
        return DayFigures(
            views=visits.rng.binomial(visits.views, shares.featured), all_views=visits.views,
            ordered=ordered, shipped=shipped, returned=returned, resellable=resellable,
            cancelled=cancelled, received=received, expected=expected, on_hand=on_hand, owed=state.owed.copy(),
            unsellable=state.unsellable.copy(), aged=np.maximum(0, state.physical - state.young.sum(axis=0)),
            open_units=state.open_units.copy(), asked=orders.asked, confirmed=orders.confirmed, opening=opening,
            out_of_stock_views=closed_views, lead_seen=state.lead_seen.copy(),
            price=prices.price, cost=prices.cost, other_price=prices.other_price,
            featured_share=shares.featured, suppressed_share=shares.suppressed,
            way_days=orders.way_days, confirm_day_offset=orders.confirm_day_offset,
        )  # fmt: skip

    def _room(self, state: StockState) -> Ints:
        """Units that customers may still order: stock that nobody is owed, and the backorder allowance."""
        return np.asarray(state.physical - state.owed + self.backorder_allowance)

    def _receive(self, state: StockState, day: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Deliveries come in, some short; now and then Amazon sends overstock back."""
        size = self._catalogue.size
        expected = state.arrivals[day % RING_DAYS].astype(np.int64)
        state.arrivals[day % RING_DAYS] = 0
        fill = np.where(rng.random(size) < 0.93, 1.0, rng.uniform(0.6, 0.98, size))
        arrived = np.floor(expected * fill).astype(np.int64)
        state.open_units -= expected
        seen = np.where(np.isnan(state.lead_seen), self._catalogue.lead_days + 1.0, state.lead_seen)
        drawn = self._catalogue.lead_days + rng.uniform(0.0, 4.0, size)
        state.lead_seen = np.where(arrived > 0, 0.8 * seen + 0.2 * drawn, state.lead_seen)
        sent_back = (rng.random(size) < 0.004) & ((self._catalogue.stock_factor > 1) | self._catalogue.is_dead)
        free = np.maximum(0, state.physical - state.owed)
        back = np.where(sent_back, np.floor(free * rng.uniform(0.05, 0.25, size)), 0).astype(np.int64)
        if day % 7 == 0:
            state.young[day // 7 % AGE_WEEKS] = 0
        state.young[day // 7 % AGE_WEEKS] += arrived
        state.physical += arrived - back
        return expected, np.asarray(arrived - back)

    def _take_returns(self, state: StockState, day: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Customers send back a share of what shipped lately; three in five can be sold again."""
        wanted = rng.poisson(self._catalogue.return_share * state.pace)
        returned = np.minimum(wanted, state.returnable)
        resellable = rng.binomial(returned, 0.6)
        state.returnable -= returned
        state.unsellable += returned - resellable
        if day % 7 == 6:
            state.unsellable -= state.unsellable // 3
        state.physical += resellable
        return np.asarray(returned), np.asarray(resellable)

    def _sell(self, state: StockState, wanted: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
        """Orders up to stock and backorder allowance; most ship the same day; few wait for ever."""
        ordered = np.minimum(wanted, np.maximum(0, self._room(state)))
        due = state.owed + rng.binomial(ordered, 0.8)
        shipped = np.minimum(due, state.physical)
        state.physical -= shipped
        waiting = state.owed + ordered - shipped
        cancelled = rng.binomial(np.maximum(0, waiting - state.physical), 0.04)
        state.owed = waiting - cancelled
        state.returnable += shipped
        state.pace = 0.93 * state.pace + 0.07 * shipped
        return np.asarray(ordered), np.asarray(shipped), np.asarray(cancelled)

    def _order(self, state: StockState, day: int, effects: DayEffects, rng: np.random.Generator) -> PurchaseOrders:
        """Amazon's purchase orders of the day join those under way."""
        demand = self._laws.demand
        coming = demand.expected_units(day + 14)
        position = state.physical - state.owed + state.open_units
        weekday = demand.date_of(day).weekday()
        orders = self._laws.supply.place_orders(day, weekday, position, coming, effects, rng)
        rows = (day + orders.way_days) % RING_DAYS
        state.arrivals[rows, np.arange(self._catalogue.size)] += orders.confirmed
        state.open_units += orders.confirmed
        return orders
