"""Examines an account at Amazon: each credential that it has, each operation, and what that costs where it fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from daybreak.accounts import Account
from daybreak.sources import CredentialCode
from daybreak.spapi.credentials import CredentialError
from daybreak.spapi.probes import UNKNOWN_ASIN
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.probing import Finding, probe_credential, probes, unconfigured
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.missing_access import allow_another_try, read_missing_access
from daybreak.warehouse.products import read_any_asin

SessionOpener = Callable[[Account, str], SellingPartnerSession]
"""Opens a session for the account with the credential of a connection; raises CredentialError."""


@dataclass
class Examination:
    """The examination of accounts. ``dsn`` None means the configured warehouse.

    ``clock_skews`` fills while it goes on: seconds that this machine was ahead of each credential's answers.
    """

    open_session: SessionOpener
    with_order: bool = False
    dsn: str | None = None
    clock_skews: list[float] = field(default_factory=list)

    def examine(self, account: Account) -> Iterator[Finding]:
        """One finding after the other. A dataset whose operations all work is asked for by the next plan at once,
        also when Amazon refused it today."""
        found: list[Finding] = []
        for finding in self._examine(account):
            found.append(finding)
            yield finding
        works = {code for each in found if each.outcome == "works" for code in each.dataset_codes}
        fails = {code for each in found if each.is_failure for code in each.dataset_codes}
        with transaction(self.dsn) as connection:
            refused = read_missing_access(connection, account.account_id).keys() & (works - fails)
            allow_another_try(connection, account.account_id, refused)

    def _examine(self, account: Account) -> Iterator[Finding]:
        with transaction(self.dsn) as connection:
            asin = read_any_asin(connection, account.account_id) or UNKNOWN_ASIN
        yield from self._examine_credential(account, "vendor", account.vendor_connection_id, asin)
        if account.seller_connection_id is None:
            words = "accounts.yml names no seller_connection_id: a vendor's token has no Pricing role"
            yield unconfigured(account.account_id, "seller", words, is_failure=False)
        else:
            yield from self._examine_credential(account, "seller", account.seller_connection_id, asin)

    def _examine_credential(
        self, account: Account, credential_code: CredentialCode, connection_id: str, asin: str
    ) -> Iterator[Finding]:
        try:
            session = self.open_session(account, connection_id)
        except CredentialError as error:
            yield unconfigured(account.account_id, credential_code, str(error), is_failure=True)
            return
        with session:
            chosen = probes(with_order=self.with_order)
            yield from probe_credential(account.account_id, session, credential_code, asin, chosen)
            if session.exchange.clock_skew_seconds is not None:
                self.clock_skews.append(session.exchange.clock_skew_seconds)
