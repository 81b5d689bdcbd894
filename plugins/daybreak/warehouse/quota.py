"""Amazon's call quotas, shared by every worker on every machine through ``ops.quota``."""

from dataclasses import dataclass

from daybreak.warehouse.engine import transaction
from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Bucket:
    """Calls that may be made at once, and calls that come back each second."""

    tokens: float
    rate: float


@dataclass(frozen=True)
class WarehouseQuota:
    """One credential's token buckets. Each call is one short transaction; nothing is locked while somebody waits.

    ``share_tokens`` is how much of a burst it may draw on, None all of it: what is beyond stays in the bucket, so that
    a backfill leaves the dawn run its share. A bucket as small as the share has nothing to leave.
    """

    credential_id: str
    dsn: str | None = None
    share_tokens: float | None = None

    def take(self, operation: str, rate: float, burst: float) -> float:
        """Takes one token and returns 0, or takes none and returns the seconds until one is there."""
        with transaction(self.dsn) as connection:
            row = connection.execute(
                statement("ops/quota/take_quota"),
                {**self._key(operation), "rate": rate, "burst": burst, "reserve": self._reserve(burst)},
            ).fetchone()
        if row is None:
            raise RuntimeError(f"ops.take_quota returned nothing for {self.credential_id} {operation}")
        return float(row[0])

    def learn(self, operation: str, rate: float) -> None:
        """The bucket refills at ``rate`` calls a second from now on (Amazon's x-amzn-RateLimit-Limit)."""
        with transaction(self.dsn) as connection:
            connection.execute(statement("ops/quota/learn_rate"), {**self._key(operation), "rate": rate})

    def block(self, operation: str, seconds: float) -> None:
        """Nobody calls ``operation`` with this credential for ``seconds`` (after a 429)."""
        with transaction(self.dsn) as connection:
            connection.execute(statement("ops/quota/block_operation"), {**self._key(operation), "seconds": seconds})

    def bucket(self, operation: str, rate: float, burst: float) -> Bucket:
        """What this share may take now and how fast it refills; of one not known yet, by ``rate`` and ``burst``."""
        with transaction(self.dsn) as connection:
            row = connection.execute(statement("ops/quota/read_bucket"), self._key(operation)).fetchone()
        known_rate, tokens = (rate, burst) if row is None else (float(row[0]), float(row[1]))
        return Bucket(max(0.0, tokens - self._reserve(burst)), known_rate)

    def _reserve(self, burst: float) -> float:
        return 0.0 if self.share_tokens is None else max(0.0, burst - self.share_tokens)

    def _key(self, operation: str) -> dict[str, object]:
        return {"credential_id": self.credential_id, "operation_code": operation}
