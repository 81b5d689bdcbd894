"""Token buckets: what each credential may call, and how often.

Amazon's law: a bucket starts full with *burst* tokens, a call takes one, and *rate* tokens per second flow back up to
the burst. Seconds here are the clock's pace seconds, so a speeded simulator refills faster.
"""

from dataclasses import dataclass

from simulator.clock import Clock
from simulator.operations import SPAPI_OPERATIONS, Operation


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Quotas:
    """One bucket per credential and operation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, credential: str, operation: Operation) -> bool:
        """Whether a call may pass now; if so, one token less is left."""
        now = self._clock.pace()
        bucket = self._buckets.setdefault((credential, operation.name), _Bucket(float(operation.burst), now))
        refilled = bucket.tokens + (now - bucket.filled_at) * operation.rate
        bucket.tokens, bucket.filled_at = min(float(operation.burst), refilled), now
        # A token that floating point has left a billionth short of whole is whole.
        if bucket.tokens < 1.0 - 1e-9:
            return False
        bucket.tokens -= 1.0
        return True

    def shown_rate(self, operation_name: str) -> str:
        """The ``x-amzn-RateLimit-Limit`` header: calls per real second at the clock's speed."""
        return str(round(SPAPI_OPERATIONS[operation_name].rate * self._clock.speed, 4))
