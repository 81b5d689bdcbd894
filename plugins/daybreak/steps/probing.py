"""What works of an account at Amazon: its logins and one cheap call of each operation that Daybreak uses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from daybreak.datasets import DATASETS
from daybreak.feeds import controls_fed_by
from daybreak.sources import CredentialCode, KioskQuery, VendorReport
from daybreak.spapi import probes as calls
from daybreak.spapi.failures import AuthorisationRevoked, Kind, LoginRefused, QuotaExceeded, RoleMissing, SpApiFailure
from daybreak.spapi.session import SellingPartnerSession

Outcome = Literal[
    "works",
    "role missing",
    "revoked",
    "login refused",
    "not configured",
    "refused",
    "quota used up",
    "Amazon unavailable",
    "skipped",
]
_REPORTS: Final = tuple(key for key, each in DATASETS.items() if isinstance(each, VendorReport))
_QUERIES: Final = tuple(key for key, each in DATASETS.items() if isinstance(each, KioskQuery))
Call = Callable[[SellingPartnerSession, str], object]


@dataclass(frozen=True)
class Probe:
    """One cheap call. ``role`` opens the operation, ``dataset_codes`` are what comes through it or rests on it."""

    operation: str
    credential_code: CredentialCode
    role: str
    dataset_codes: tuple[str, ...]
    call: Call
    is_needed: bool = True
    """Daybreak calls the operation every day; False: it only tells this page more."""


@dataclass(frozen=True)
class Finding:
    """What became of one check of an account. ``words`` are Amazon's own, or say what is wrong; no secret is in them.

    ``costs`` are the controls that are lost while it does not work.
    """

    account_id: str
    check: str
    credential_code: CredentialCode
    outcome: Outcome
    words: str = ""
    advice: str = ""
    costs: tuple[str, ...] = ()
    role: str = ""
    dataset_codes: tuple[str, ...] = ()

    @property
    def is_failure(self) -> bool:
        """Something that is configured does not work, or could not be found to work."""
        return self.outcome not in ("works", "not configured", "skipped")


def probes(*, with_order: bool = False) -> tuple[Probe, ...]:
    """The calls that show what an account may do; ``with_order`` orders a report, too, which stays at Amazon."""
    order = Probe("createReport", "vendor", "Brand Analytics", _REPORTS, calls.order_report)
    return (*_VENDOR, *((order,) if with_order else ()), *_SELLER)


def probe_credential(
    account_id: str, session: SellingPartnerSession, credential_code: CredentialCode, asin: str, chosen: Iterable[Probe]
) -> Iterator[Finding]:
    """The login, then each of ``chosen`` that is for this credential; after a failed login none of them is called."""
    mine = [probe for probe in chosen if probe.credential_code == credential_code]
    login = _finding(account_id, "login", credential_code, mine, session.login)
    yield login
    if login.outcome != "works":
        return
    for probe in mine:
        yield _finding(account_id, probe.operation, credential_code, [probe], partial(probe.call, session, asin))


def unconfigured(account_id: str, credential_code: CredentialCode, words: str, *, is_failure: bool) -> Finding:
    """The finding for a credential that is not there (``is_failure``: although accounts.yml names it)."""
    lost = [probe for probe in probes() if probe.credential_code == credential_code]
    codes = tuple(code for probe in lost for code in probe.dataset_codes)
    return Finding(
        account_id,
        "connection",
        credential_code,
        "refused" if is_failure else "not configured",
        words,
        costs=controls_fed_by(codes),
        dataset_codes=codes,
    )


def _finding(
    account_id: str,
    check: str,
    credential_code: CredentialCode,
    about: list[Probe],
    action: Callable[[], object],
) -> Finding:
    codes = tuple(dict.fromkeys(code for probe in about for code in probe.dataset_codes))
    try:
        action()
    except calls.ItemRefused as refusal:
        return Finding(
            account_id, check, credential_code, "refused", str(refusal), "", controls_fed_by(codes), "", codes
        )
    except SpApiFailure as failure:
        outcome = _outcome(failure) if any(probe.is_needed for probe in about) else "skipped"
        role = about[0].role if outcome == "role missing" else ""
        advice = _grant(role, credential_code) if role else failure.advice
        words = failure.amazon_text or failure.message
        costs = () if outcome == "skipped" else controls_fed_by(codes)
        return Finding(account_id, check, credential_code, outcome, words, advice, costs, role, codes)
    return Finding(account_id, check, credential_code, "works", dataset_codes=codes)


def _outcome(failure: SpApiFailure) -> Outcome:
    if isinstance(failure, RoleMissing):
        return "role missing"
    if isinstance(failure, AuthorisationRevoked) or (
        isinstance(failure, LoginRefused) and "invalid_grant" in failure.amazon_text
    ):
        return "revoked"
    if isinstance(failure, LoginRefused):
        return "login refused"
    if isinstance(failure, QuotaExceeded):
        return "quota used up"
    return "Amazon unavailable" if failure.kind is Kind.RETRY else "refused"


def _grant(role: str, credential_code: CredentialCode) -> str:
    central = "Vendor Central" if credential_code == "vendor" else "Seller Central"
    return (
        f"give the application the role {role} in the developer profile and in the application's own list of roles, "
        f"then authorise it again in {central} and put the new refresh token into the connection"
    )


_VENDOR: Final = (
    Probe("getReports", "vendor", "Brand Analytics", _REPORTS, calls.list_reports),
    Probe("getQueries", "vendor", "Brand Analytics", _QUERIES, calls.list_queries),
    Probe("searchCatalogItems", "vendor", "Product Listing", ("content_snapshot",), calls.search_catalogue),
    Probe("searchContentDocuments", "vendor", "Product Listing", ("content_snapshot",), calls.search_content),
    Probe("getPurchaseOrders", "vendor", "Inventory and Order Tracking", ("purchase_order_line",), calls.list_orders),
)
_SELLER: Final = (
    Probe(
        "getMarketplaceParticipations",
        "seller",
        "Selling Partner Insights",
        ("offer_snapshot", "offer"),
        calls.check_participation,
        is_needed=False,
    ),
    Probe("getItemOffersBatch", "seller", "Pricing", ("offer_snapshot", "offer"), calls.look_at_offers),
    Probe("getCompetitiveSummary", "seller", "Pricing", ("offer_snapshot",), calls.look_at_summary),
)
