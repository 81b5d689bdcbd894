"""Amazon's quotas: a token bucket per credential and operation."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

_ROUNDING: Final = 1e-9


class QuotaGate(Protocol):
    """The buckets of one credential, shared by whoever calls with it. ``operation`` is Amazon's name of it."""

    def take(self, operation: str, rate: float, burst: float) -> float:
        """Take one token. 0 if one was taken, else the seconds until one will be there; nothing is reserved.

        ``rate`` (tokens per second) and ``burst`` are the documented ones, for a bucket that is not known yet.
        """

    def learn(self, operation: str, rate: float) -> None:
        """Amazon states another rate than the documented one; it holds from now on."""

    def block(self, operation: str, seconds: float) -> None:
        """Amazon throttled: the bucket is empty, and gives nothing for ``seconds``."""


@dataclass
class _Bucket:
    tokens: float
    rate: float
    burst: float
    counted_at: float
    blocked_until: float = -math.inf

    def refill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.counted_at) * self.rate)
        self.counted_at = max(now, self.counted_at)


class LocalQuota:
    """Buckets in the memory of this process: for tools that run alone, without a warehouse. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._learned: dict[str, float] = {}

    def take(self, operation: str, rate: float, burst: float) -> float:
        """See :meth:`QuotaGate.take`."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.get(operation)
            if bucket is None:
                bucket = _Bucket(burst, self._learned.get(operation, rate), burst, now)
                self._buckets[operation] = bucket
            bucket.refill(now)
            if now < bucket.blocked_until:
                return bucket.blocked_until - now
            if bucket.tokens >= 1 - _ROUNDING:
                bucket.tokens = max(0.0, bucket.tokens - 1)
                return 0.0
            return (1 - bucket.tokens) / bucket.rate

    def learn(self, operation: str, rate: float) -> None:
        """See :meth:`QuotaGate.learn`."""
        with self._lock:
            self._learned[operation] = rate
            if bucket := self._buckets.get(operation):
                bucket.refill(self._clock())
                bucket.rate = rate

    def block(self, operation: str, seconds: float) -> None:
        """See :meth:`QuotaGate.block`."""
        with self._lock:
            if bucket := self._buckets.get(operation):
                now = self._clock()
                bucket.refill(now)
                bucket.tokens = 0.0
                bucket.blocked_until = max(bucket.blocked_until, now + seconds)
