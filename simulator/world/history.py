"""Any span of days of one account, without holding them all.

The state is kept at the beginning of every block; a block is replayed from there when asked for and the newest used
blocks stay in memory. A large catalogue over years costs a fraction of its figures, a small one is computed once.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np

from simulator.config import AccountConfig
from simulator.world.catalogue import WARM_UP_DAYS, Catalogue, build_catalogue
from simulator.world.demand import Demand
from simulator.world.draws import account_key
from simulator.world.effects import Effects
from simulator.world.incidents import Script
from simulator.world.kinds import Kind
from simulator.world.market import Market
from simulator.world.prices import Prices
from simulator.world.rivals import Rivals
from simulator.world.stock import DayFigures, Laws, Stock, StockState
from simulator.world.supply import Supply
from simulator.world.taxes import vat_ratio

BLOCK_DAYS = 32
FIGURES = tuple(item.name for item in fields(DayFigures))
_NUMBER_TYPES: dict[str, type[np.generic]] = {
    "lead_seen": np.float32,
    "price": np.float32,
    "cost": np.float32,
    "other_price": np.float32,
    "featured_share": np.float16,
    "suppressed_share": np.float16,
    "way_days": np.int8,
    "confirm_day_offset": np.int8,
}
"""How a figure is kept; what is not named is a whole number."""
_BLOCK_MEMORY_BYTES = 96 * 2**20


@dataclass(frozen=True)
class Span:
    """True figures of consecutive days: ``figures[name]`` has the shape (days, ASINs)."""

    first_index: int
    figures: dict[str, np.ndarray]

    @property
    def days(self) -> int:
        return len(next(iter(self.figures.values())))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.figures[name]


class AccountWorld:
    """The world of one account, from ``start_date`` on. Safe to use from several threads."""

    def __init__(
        self, account: AccountConfig, seed: int, start_date: date, rates: Mapping[Kind, float] | None = None
    ) -> None:
        self.account = account
        self.key = account_key(seed, account.seed_offset, account.account_id)
        self.start_date = start_date
        self._first_day = start_date - timedelta(days=WARM_UP_DAYS)
        self.catalogue: Catalogue = build_catalogue(self.key, account.asins, account.currency_code)
        self.script = Script(self.catalogue, self._first_day, rates or {})
        self.rivals = Rivals(self.catalogue)
        self.vat_ratio = vat_ratio(account.marketplace_id)
        self.prices = Prices(self.catalogue, self.rivals, self._first_day, self.vat_ratio)
        self.demand = Demand(self.catalogue, self._first_day)
        laws = Laws(Effects(self.catalogue, self.script), self.prices, self.demand, Supply(self.catalogue))
        self.stock = Stock(self.catalogue, laws)
        self.market = Market(self)
        self._checkpoints: list[bytes] = [self.stock.opening_state().pack()]
        self._blocks: OrderedDict[int, dict[str, np.ndarray]] = OrderedDict()
        bytes_per_block = BLOCK_DAYS * account.asins * 4 * len(FIGURES)
        self._blocks_kept = max(2, _BLOCK_MEMORY_BYTES // bytes_per_block)
        self._lock = threading.Lock()

    def index_of(self, day: date) -> int:
        """Day index of ``day``; may be negative before the world's beginning."""
        return (day - self._first_day).days

    def date_of(self, index: int) -> date:
        return self._first_day + timedelta(days=index)

    def span(self, first: date, last: date, names: Sequence[str] = FIGURES) -> Span:
        """The true figures from ``first`` to ``last``, both included; only those of ``names``. They are read only.

        Raises:
            ValueError: the span is empty or begins before the warm-up.
        """
        low, high = self.index_of(first), self.index_of(last)
        if low < 0 or high < low:
            raise ValueError(f"account {self.account.account_id}: no days between {first} and {last}")
        with self._lock:
            blocks = range(low // BLOCK_DAYS, high // BLOCK_DAYS + 1)
            parts = [self._part(block, low, high, names) for block in blocks]
        if len(parts) == 1:
            return Span(low, parts[0])
        return Span(low, {name: np.concatenate([part[name] for part in parts]) for name in names})

    def _part(self, block: int, low: int, high: int, names: Sequence[str]) -> dict[str, np.ndarray]:
        """The days of ``block`` that lie within the day indexes ``low`` to ``high``."""
        start = block * BLOCK_DAYS
        inside = slice(max(low - start, 0), high - start + 1)
        figures = self._block(block)
        return {name: figures[name][inside] for name in names}

    def _block(self, number: int) -> dict[str, np.ndarray]:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        for missing in range(len(self._checkpoints) - 1, number):
            self._replay(missing)
        return self._replay(number)

    def _replay(self, number: int) -> dict[str, np.ndarray]:
        """Block ``number`` is computed from its checkpoint and kept, and the next checkpoint with it."""
        state = StockState.unpack(self._checkpoints[number])
        figures = {
            name: np.empty((BLOCK_DAYS, self.catalogue.size), _NUMBER_TYPES.get(name, np.int32)) for name in FIGURES
        }
        for offset in range(BLOCK_DAYS):
            day = self.stock.advance(state, number * BLOCK_DAYS + offset)
            for name, values in figures.items():
                values[offset] = getattr(day, name)
        for values in figures.values():
            values.setflags(write=False)
        if len(self._checkpoints) == number + 1:
            self._checkpoints.append(state.pack())
        self._blocks[number] = figures
        while len(self._blocks) > self._blocks_kept:
            self._blocks.popitem(last=False)
        return figures
