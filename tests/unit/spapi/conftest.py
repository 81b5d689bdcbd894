"""A server that answers as told, and sessions that talk to it."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from daybreak.spapi import redaction
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.quota import LocalQuota
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from tests.unit.spapi.fake_amazon import MARKETPLACE_ID, FakeAmazon


@pytest.fixture(autouse=True)
def _known_secrets_of_this_test_only() -> Iterator[None]:
    """Generated secrets look like words at times, and would take these out of the messages of later tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_KNOWN", redaction._Known())
        yield


@pytest.fixture
def amazon() -> Iterator[FakeAmazon]:
    server = FakeAmazon()
    yield server
    server.stop()


@pytest.fixture
def credential(amazon: FakeAmazon) -> SellingPartnerCredential:
    return SellingPartnerCredential(
        credential_id="vendor_de",
        refresh_token=f"Atzr|{secrets.token_hex(24)}",
        client_id=f"amzn1.application-oa2-client.{secrets.token_hex(16)}",
        client_secret=f"amzn1.oa2-cs.v1.{secrets.token_hex(32)}",
        endpoint=amazon.address,
        login_url=f"{amazon.address}/auth/o2/token",
    )


@pytest.fixture
def make_session(credential: SellingPartnerCredential) -> Iterator[Callable[..., SellingPartnerSession]]:
    made: list[SellingPartnerSession] = []
    tokens = TokenStore()

    def make(**settings: Any) -> SellingPartnerSession:
        quota = settings.pop("quota", None) or LocalQuota()
        asks = settings.pop("credential", credential)
        options = {"timeout_seconds": 5.0, "patience_seconds": 0.0, "tokens": tokens} | settings
        made.append(SellingPartnerSession(asks, MARKETPLACE_ID, None, quota, **options))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture
def session(make_session: Callable[..., SellingPartnerSession]) -> SellingPartnerSession:
    return make_session()
