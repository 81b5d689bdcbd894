"""The worlds that are evaluated: which seeds, which days, how many products, and the simulator's file of each."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from daybreak.accounts import MARKETPLACES

TUNING_SEEDS = tuple(range(1_001, 1_021))
"""Thresholds may be settled on these; their figures are never reported as a result."""
HELD_OUT_SEEDS = tuple(range(2_001, 2_041))
"""Reported. Nobody looks at them before a threshold stands."""

ACCOUNT_ID = "evaluated"
OWN_SELLER_ID = "A2EVALUATED001"
_FIRST_MORNINGS = (date(2025, 10, 4), date(2025, 5, 20), date(2025, 1, 15))
"""By seed in turn: with Black Friday and Prime's October days, with Prime Day and early summer, with neither."""
_OLDER_DAYS = 400
"""Days that the world is older than its first morning: launches and endings are under way by then."""
_DAWN = time(4, 15)


@dataclass(frozen=True)
class EvaluatedWorld:
    """One seed, looked at on ``days`` mornings; ``history_days`` of reports are there before the first."""

    seed: int
    days: int
    asins: int
    history_days: int

    @property
    def first_morning(self) -> date:
        return _FIRST_MORNINGS[self.seed % len(_FIRST_MORNINGS)]

    @property
    def last_morning(self) -> date:
        return self.first_morning + timedelta(days=self.days - 1)

    @property
    def mornings(self) -> list[datetime]:
        """The instants of the dawn runs."""
        return [datetime.combine(self.first_morning + timedelta(days=each), _DAWN, UTC) for each in range(self.days)]

    def simulator_file(self) -> dict[str, Any]:
        """One Italian account whose brand sells itself too; credentials are made anew each time."""
        marketplace = MARKETPLACES["IT"]
        return {
            "seed": self.seed,
            "start_date": self.first_morning - timedelta(days=_OLDER_DAYS),
            # Rates and lags run so fast that nobody waits; business dates follow the clock that the evaluation sets.
            "clock": {"now": self.mornings[0], "speed": 100_000.0},
            "control_token": secrets.token_hex(16),
            "accounts": [
                {
                    "account_id": ACCOUNT_ID,
                    "marketplace_id": marketplace.marketplace_id,
                    "currency_code": marketplace.currency_code,
                    "time_zone": marketplace.time_zone,
                    "asins": self.asins,
                    **_credential(),
                    "seller": {**_credential(), "seller_id": OWN_SELLER_ID},
                }
            ],
        }


def _credential() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in ("client_id", "client_secret", "refresh_token")}
