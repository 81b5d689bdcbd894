"""Who asks: the parts of one Login with Amazon credential, and the addresses they are for."""

import json
from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator, model_validator

from daybreak.spapi.amazon_library import region_by_marketplace_id
from daybreak.spapi.redaction import remember_secret

AMAZON_LOGIN_URL: Final = "https://api.amazon.com/auth/o2/token"
_ENDPOINTS: Final = {
    "eu-west-1": "https://sellingpartnerapi-eu.amazon.com",
    "us-west-2": "https://sellingpartnerapi-fe.amazon.com",
    "us-east-1": "https://sellingpartnerapi-na.amazon.com",
}


class CredentialError(ValueError):
    """A credential cannot be used; names the connection and the part, never a value."""


class SellingPartnerCredential(BaseModel):
    """One authorisation of one application by one selling partner. Amazon counts quotas per credential.

    ``endpoint`` is ``None`` for Amazon's own of the marketplace's region. From its making on, no text that passes
    :func:`~daybreak.spapi.redaction.redact` shows any of its secrets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    credential_id: str
    refresh_token: SecretStr
    client_id: SecretStr
    client_secret: SecretStr
    endpoint: str | None = None
    login_url: str = AMAZON_LOGIN_URL

    @field_validator("refresh_token", "client_id", "client_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value()
        if not value:
            raise ValueError("is empty")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("holds spaces, line breaks or signs that Amazon never uses: paste it again")
        return secret

    @field_validator("endpoint", "login_url")
    @classmethod
    def _check_address(cls, address: str | None) -> str | None:
        if address is None:
            return None
        try:
            parts = urlsplit(address)
            host = parts.hostname if parts.scheme in {"https", "http"} and parts.port != 0 else None
        except ValueError:  # its text would quote the address
            host = None
        if not host:
            raise ValueError("is no http(s) address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must not hold a user, a password, a query or a fragment")
        if parts.scheme == "http" and host.endswith((".amazon.com", ".amazon.co.jp")):
            raise ValueError("must be https: secrets would travel in clear")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _check_and_remember(self) -> Self:
        if self.endpoint is not None and not _is_amazon(self.endpoint) and self.login_url == AMAZON_LOGIN_URL:
            raise ValueError("an endpoint that is not Amazon's needs a login_url of its own")
        for secret in (self.refresh_token, self.client_id, self.client_secret):
            remember_secret(secret.get_secret_value(), lasting=True)
        return self

    @classmethod
    def from_connection(
        cls,
        conn_id: str,
        host: str | None,
        login: str | None,
        password: str | None,
        extra: Mapping[str, Any] | str | None,
    ) -> Self:
        """The credential in an Airflow connection: ``login`` is the client id, ``password`` the client secret.

        ``extra`` (mapping or its JSON) holds ``refresh_token``, and where they differ from Amazon's own ``endpoint``
        (else ``host``, ``https://`` if it names no scheme) and ``login_url``.

        Raises:
            CredentialError: names every part that is missing or unusable.
        """
        more = _read_extra(conn_id, extra)
        parts = {"client_id": login, "client_secret": password, "refresh_token": more.get("refresh_token")}
        missing = [f"{name} ({_PLACES[name]})" for name, value in parts.items() if not value]
        if missing:
            raise CredentialError(f"connection {conn_id}: missing: {', '.join(missing)}")
        endpoint = more.get("endpoint") or host or None
        if isinstance(endpoint, str) and "://" not in endpoint:
            endpoint = f"https://{endpoint}"
        login_url = more.get("login_url") or AMAZON_LOGIN_URL
        try:
            return cls.model_validate({"credential_id": conn_id, **parts, "endpoint": endpoint, "login_url": login_url})
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'addresses'}: {problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors(include_input=False, include_context=False, include_url=False)
            )
        raise CredentialError(f"connection {conn_id}: {problems}")

    def endpoint_for(self, marketplace_id: str) -> str:
        """The address of the API for ``marketplace_id``, without a slash at its end.

        Raises:
            CredentialError: no endpoint is set and the marketplace is not one of Amazon's.
        """
        if self.endpoint is not None:
            return self.endpoint
        return _ENDPOINTS[region_of(marketplace_id)]


_PLACES: Final = {
    "client_id": "the connection's login",
    "client_secret": "the connection's password",
    "refresh_token": "refresh_token in the connection's extra",
}


def region_of(marketplace_id: str) -> str:
    """Amazon's region of a marketplace, such as ``eu-west-1``.

    Raises:
        CredentialError: Amazon has no such marketplace.
    """
    regions = region_by_marketplace_id()
    if marketplace_id not in regions:
        raise CredentialError(
            f"{marketplace_id!r} is no marketplace of Amazon: correct marketplace_code of the account"
        )
    return regions[marketplace_id]


def _is_amazon(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.startswith(("sellingpartnerapi-", "sandbox.sellingpartnerapi-")) and host.endswith(".amazon.com")


def _read_extra(conn_id: str, extra: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    if isinstance(extra, str):
        try:
            extra = json.loads(extra or "{}")
        except json.JSONDecodeError:
            extra = None
        if not isinstance(extra, Mapping):
            raise CredentialError(f"connection {conn_id}: its extra is no JSON object") from None
    return extra or {}
