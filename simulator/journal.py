"""What was asked of the simulator: counts per account and operation, for tests that prove a negative."""

from collections import Counter, defaultdict
from typing import Any


class Journal:
    """Counts answers. Calls that no account can be named for stand under ``unknown``."""

    def __init__(self) -> None:
        self._statuses: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def note(self, account: str, operation: str, status: int | str) -> None:
        """One call was answered with HTTP ``status``, or with ``reset`` when the connection was cut."""
        self._statuses[account, operation][str(status)] += 1

    def summary(self) -> dict[str, dict[str, Any]]:
        """``{account: {operation: {"calls", "throttled", "statuses"}}}``."""
        result: dict[str, dict[str, Any]] = {}
        for (account, operation), statuses in sorted(self._statuses.items()):
            result.setdefault(account, {})[operation] = {
                "calls": statuses.total(),
                "throttled": statuses["429"],
                "statuses": dict(sorted(statuses.items())),
            }
        return result
