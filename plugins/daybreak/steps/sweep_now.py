"""A sweep of one account's offers at once, outside the slots, through the same landing, gate and publish."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from daybreak.business_dates import newest_control_date
from daybreak.datasets import SWEEPS
from daybreak.steps.extraction import Extraction
from daybreak.steps.gating import gate_staged
from daybreak.steps.publishing import publish_gated
from daybreak.steps.sweep_planning import plan_one
from daybreak.steps.sweep_rounds import offers_lock
from daybreak.warehouse.account_lock import account_lock
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction

LONGEST_PAUSE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class SweptNow:
    """What became of it, in words; ``is_complete`` when nothing was refused, blocked or left out."""

    sentences: tuple[str, ...]
    is_complete: bool


def sweep_now(
    extraction: Extraction, asins: Sequence[str], instant: datetime, pause: Callable[[float], None] = time.sleep
) -> SweptNow:
    """Looks at ``asins``, or at what is due at ``instant`` where none are named, and publishes what was seen.

    Waits for Amazon's quota with ``pause``. Goes on with a sweep of the account that is open already.
    """
    account, settings, dsn = extraction.account, extraction.settings, extraction.dsn
    with transaction(dsn) as connection:
        register_account(connection, account)
        plan_one(connection, account, asins, instant, settings)
    failures: list[str] = []
    landed = 0
    with account_lock(offers_lock(account.account_id), dsn):
        failures += extraction.arrivals.stage_landed(extraction.dataset_codes)
        while True:
            progress = extraction.advance()
            failures += progress.failures
            landed += progress.landed
            if not progress.open_requests:
                break
            pause(min(max(progress.wake_seconds or 0.0, 1.0), LONGEST_PAUSE_SECONDS))
    failures += gate_staged(account, dsn, settings, dataset_codes=SWEEPS)
    last_date = newest_control_date(instant, account.marketplace.time_zone)
    done = publish_gated(account, last_date, settings, dsn, dataset_codes=SWEEPS)
    told = [
        f"{account.account_id} load {each.load.load_id}: {each.published.inserted} rows of {each.load.dataset_code}, "
        f"{each.load.quarantined_row_count or 0} in quarantine"
        for each in done
    ]
    if not landed and not failures:
        told.append(f"{account.account_id}: nothing is due; name products with --asin to look at them all the same")
    return SweptNow((*told, *failures), not failures)
