"""What a connection must hold, and that its errors name parts and never values."""

import json
import secrets
import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from daybreak.accounts import MARKETPLACES
from daybreak.spapi.credentials import CredentialError, SellingPartnerCredential, region_of


def parts(**changed: Any) -> dict[str, Any]:
    return {
        "host": "",
        "login": f"amzn1.application-oa2-client.{secrets.token_hex(16)}",
        "password": secrets.token_hex(32),
        "extra": {"refresh_token": f"Atzr|{secrets.token_hex(24)}"},
    } | changed


def make(**changed: Any) -> SellingPartnerCredential:
    return SellingPartnerCredential.from_connection("vendor_it", **parts(**changed))


@pytest.mark.parametrize(
    ("code", "endpoint", "region"),
    [
        ("IT", "https://sellingpartnerapi-eu.amazon.com", "eu-west-1"),
        ("US", "https://sellingpartnerapi-na.amazon.com", "us-east-1"),
        ("JP", "https://sellingpartnerapi-fe.amazon.com", "us-west-2"),
    ],
)
def test_amazons_own_addresses_are_the_default(code: str, endpoint: str, region: str) -> None:
    marketplace_id = MARKETPLACES[code].marketplace_id
    assert make().endpoint_for(marketplace_id) == endpoint
    assert region_of(marketplace_id) == region
    assert make().login_url == "https://api.amazon.com/auth/o2/token"


def test_every_marketplace_of_the_registry_has_a_region() -> None:
    assert all(region_of(marketplace.marketplace_id) for marketplace in MARKETPLACES.values())


def test_extra_may_be_the_json_that_airflow_stores() -> None:
    extra = {"refresh_token": "Atzr-from-json", "login_url": "http://127.0.0.1:8080/token"}
    credential = make(host="http://127.0.0.1:8080/", extra=json.dumps(extra))
    assert credential.refresh_token.get_secret_value() == "Atzr-from-json"
    assert credential.endpoint == "http://127.0.0.1:8080"


def test_a_host_without_scheme_is_https() -> None:
    assert make(host="sellingpartnerapi-eu.amazon.com").endpoint == "https://sellingpartnerapi-eu.amazon.com"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"login": None}, "client_id (the connection's login)"),
        ({"password": ""}, "client_secret (the connection's password)"),
        ({"extra": {}}, "refresh_token (refresh_token in the connection's extra)"),
        ({"extra": None}, "refresh_token"),
        ({"extra": "no json"}, "its extra is no JSON object"),
        ({"extra": "[1]"}, "its extra is no JSON object"),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(CredentialError) as caught:
        make(**changed)
    assert named in str(caught.value)
    assert "vendor_it" in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"password": "S3CR3T value"}, "client_secret: holds spaces"),
        ({"password": "S3CR3T\n"}, "client_secret: holds spaces"),
        ({"login": "S3CR3T\u00fc"}, "client_id: holds spaces"),
        ({"extra": {"refresh_token": ["S3CR3T"]}}, "refresh_token: "),
        ({"host": "ftp://S3CR3T"}, "endpoint: is no http(s) address"),
        ({"host": "https://x:S3CR3T"}, "endpoint: is no http(s) address"),
        ({"host": "https://user:S3CR3T@host"}, "endpoint: must not hold a user"),
        ({"host": "https://host/?token=S3CR3T"}, "endpoint: must not hold a user"),
        ({"host": "http://sellingpartnerapi-eu.amazon.com"}, "endpoint: must be https"),
        ({"host": "http://127.0.0.1:8080"}, "needs a login_url of its own"),
    ],
)
def test_what_is_unusable_is_named_without_its_value(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(CredentialError) as caught:
        make(**changed)
    assert problem in str(caught.value)
    assert "S3CR3T" not in "".join(traceback.format_exception(caught.value))


def test_neither_text_nor_error_of_the_model_shows_a_secret() -> None:
    value = secrets.token_hex(16)
    credential = make(password=value)
    assert value not in f"{credential!r} {credential}"
    assert value not in credential.model_dump_json()
    with pytest.raises(ValidationError) as caught:
        SellingPartnerCredential.model_validate(
            {"credential_id": "x", "client_id": f"{value} ", "client_secret": value, "unknown": value}
        )
    assert value not in str(caught.value)


def test_a_credential_is_what_it_was() -> None:
    with pytest.raises(ValidationError):
        make().endpoint = "https://elsewhere"  # type: ignore[misc]


def test_a_marketplace_that_amazon_does_not_have_is_named() -> None:
    with pytest.raises(CredentialError, match="'NOWHERE' is no marketplace"):
        make().endpoint_for("NOWHERE")
