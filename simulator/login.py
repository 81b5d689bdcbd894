"""Login with Amazon: refresh tokens in, access tokens out; and whose call a request is."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simulator.config import AccountConfig, SellerConfig
from simulator.refusals import token_expired, token_missing, token_revoked
from simulator.signature import Signer

_PREFIX = "Atza|"


PartnerKind = Literal["vendor", "seller"]


@dataclass(frozen=True)
class Credential:
    """One refresh token and the accounts that it opens. Quotas are counted per credential."""

    key: str
    client_id: str
    client_secret: str
    refresh_token: str
    accounts: tuple[AccountConfig, ...]
    roles: tuple[str, ...]
    kind: PartnerKind = "vendor"

    def __repr__(self) -> str:
        return f"Credential({self.name})"

    @property
    def name(self) -> str:
        """The accounts' ids, for counts and messages; a seller's says that it is one."""
        ids = "+".join(self.account_ids)
        return ids if self.kind == "vendor" else f"{ids}:{self.kind}"

    @property
    def account_ids(self) -> tuple[str, ...]:
        return tuple(account.account_id for account in self.accounts)


@dataclass
class LoginError(Exception):
    """An OAuth error: HTTP status, ``error`` and ``error_description``."""

    status: int
    error: str
    description: str

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


class Logins:
    """Gives access tokens and recognises them. Their life is in real seconds and can be changed."""

    def __init__(
        self, accounts: list[AccountConfig], signer: Signer, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self.lifetime_seconds = 3600
        self._signer = signer
        self._wall_clock = wall_clock
        self._by_refresh_token: dict[str, Credential] = {}
        for account in accounts:
            self._admit(account, account, "vendor")
            if account.seller is not None:
                self._admit(account, account.seller, "seller")
        self._by_key = {credential.key: credential for credential in self._by_refresh_token.values()}

    def _admit(self, account: AccountConfig, partner: AccountConfig | SellerConfig, kind: PartnerKind) -> None:
        """Afterwards the partner's refresh token opens ``account`` too."""
        token = partner.refresh_token.get_secret_value()
        known = self._by_refresh_token.get(token)
        self._by_refresh_token[token] = Credential(
            key=self._signer.sign("credential", token)[:16],
            client_id=partner.client_id,
            client_secret=partner.client_secret.get_secret_value(),
            refresh_token=token,
            accounts=(*known.accounts, account) if known else (account,),
            roles=partner.roles,
            kind=kind,
        )

    def find(self, refresh_token: str) -> Credential | None:
        return self._by_refresh_token.get(refresh_token)

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a token request with the fields of ``form``.

        Raises:
            LoginError: another grant than refresh_token, an unknown client, a wrong secret, an unknown refresh token.
        """
        if form.get("grant_type") != "refresh_token":
            raise LoginError(400, "unsupported_grant_type", "The authorization grant type is not supported")
        clients = {item.client_id: item.client_secret for item in self._by_key.values()}
        expected = clients.get(form.get("client_id", ""))
        if expected is None or not secrets.compare_digest(expected.encode(), form.get("client_secret", "").encode()):
            raise LoginError(401, "invalid_client", "Client authentication failed")
        credential = self.find(form.get("refresh_token", ""))
        if credential is None or credential.client_id != form.get("client_id"):
            raise self.invalid_grant()
        return {
            "access_token": self.issue(credential),
            "refresh_token": credential.refresh_token,
            "token_type": "bearer",
            "expires_in": self.lifetime_seconds,
        }

    @staticmethod
    def invalid_grant() -> LoginError:
        return LoginError(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")

    def issue(self, credential: Credential) -> str:
        """An access token of ``credential``, good for ``lifetime_seconds``."""
        expires = int((self._wall_clock() + self.lifetime_seconds) * 1000)
        text = f"{credential.key}.{expires}.{secrets.token_hex(8)}"
        return f"{_PREFIX}{text}.{self._signer.sign('access', text)}"

    def recognise(self, access_token: str | None) -> Credential:
        """Whose token it is.

        Raises:
            Refusal: 403 for a token that is missing, expired, or not one of ours.
        """
        if not access_token:
            raise token_missing()
        text, _, signature = access_token.removeprefix(_PREFIX).rpartition(".")
        if not access_token.startswith(_PREFIX) or not self._signer.holds("access", text, signature):
            raise token_revoked()
        key, expires, _ = text.split(".")
        credential = self._by_key.get(key)
        if credential is None:
            raise token_revoked()
        if int(expires) <= self._wall_clock() * 1000:
            raise token_expired()
        return credential
