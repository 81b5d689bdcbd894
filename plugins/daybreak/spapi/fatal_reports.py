"""Why a report went FATAL, read from the ``errorDetails`` of its document.

Amazon checks the options of a vendor report only after accepting it, so most mistakes arrive here and not as HTTP 400.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from daybreak.spapi.failures import Kind
from daybreak.spapi.redaction import redact

FatalCode = Literal["not_yet_available", "bad_options", "wrong_marketplace", "no_access", "unknown"]


@dataclass(frozen=True)
class FatalReport:
    """What a FATAL report means: Amazon's words in ``amazon_text`` (without secrets), and what to do."""

    code: FatalCode
    kind: Kind
    advice: str
    amazon_text: str


# The first pattern that fits decides; the specific stand before the general.
_CAUSES: Final[tuple[tuple[FatalCode, Kind, re.Pattern[str], str], ...]] = (
    (
        "not_yet_available",
        Kind.RETRY,
        re.compile(r"not yet available|requested data is unavailable", re.IGNORECASE),
        "ask again with the end date one day earlier: a single unpublished day fails the whole report",
    ),
    (
        "wrong_marketplace",
        Kind.GIVE_UP,
        re.compile(r"does not match the marketplace|marketplaces in the request, but only", re.IGNORECASE),
        "a vendor account has one marketplace only: correct marketplace_code or vendor_connection_id of this account",
    ),
    (
        "no_access",
        Kind.GIVE_UP,
        re.compile(
            r"\baccess\b|permission|not authori[sz]ed|unauthori[sz]ed|forbidden|does not support account", re.IGNORECASE
        ),
        "give the application the Brand Analytics role for this account in Vendor Central, then authorise it again",
    ),
    (
        "bad_options",
        Kind.GIVE_UP,
        re.compile(
            r"reportoption|reportperiod|distributorview|sellingprogram|parameters are valid|must correspond to"
            r"|date range|dataStartTime|dataEndTime|error in report request|invalid",
            re.IGNORECASE,
        ),
        "the request itself is wrong (options, or dates off the grid, too long or too old): compare it with "
        "the limits of this report type; asking again unchanged gives the same",
    ),
)


def explain_fatal(error_details: str) -> FatalReport:
    """The cause of a FATAL report; ``error_details`` is what its document says, empty if there was none.

    Without any text the failure is worth another attempt, because Amazon also ends reports this way when it has
    trouble of its own; with a text nobody knows, a person must read it.
    """
    text = redact(" ".join(error_details.split()))
    for code, kind, pattern, advice in _CAUSES:
        if pattern.search(text):
            return FatalReport(code, kind, advice, text)
    if not text:
        return FatalReport("unknown", Kind.RETRY, "Amazon gave no reason: ask for the report once more, later", text)
    return FatalReport(
        "unknown", Kind.GIVE_UP, "this reason is not known to Daybreak: read Amazon's words and decide", text
    )
