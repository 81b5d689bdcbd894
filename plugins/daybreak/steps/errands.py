"""Facts that come as answers to many calls: what whoever makes the calls is given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daybreak.accounts import Account
from daybreak.landing.parts import Parts
from daybreak.settings import Settings
from daybreak.spapi.session import SellingPartnerSession
from daybreak.warehouse.report_requests import OpenRequest


@dataclass(frozen=True)
class Errand:
    """One collection to make: whose, which window, and where its finished parts are. ``started_at`` is when it began,
    in this attempt or an earlier one. ``dsn`` None means the configured warehouse."""

    account: Account
    request: OpenRequest
    session: SellingPartnerSession
    parts: Parts
    settings: Settings
    started_at: datetime
    dsn: str | None = None


class Collector(Protocol):
    """Makes the calls of one dataset and writes every answer to the errand's parts, each part once."""

    def __call__(self, errand: Errand) -> None:
        """Returns when every part is there.

        Raises:
            QuotaExceeded: the parts so far are kept; the next attempt goes on behind them.
            SpApiFailure: as judged.
        """
