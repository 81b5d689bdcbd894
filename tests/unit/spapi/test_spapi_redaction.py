"""What holds of every text that leaves the room: no secret in it, in whatever coat."""

import base64
import html
import json
import secrets
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daybreak.spapi.redaction import REDACTED, WITHHELD, redact, remember_secret, remember_signed_address

# what secrets of Amazon and passwords of people are made of
secret_values = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=60)
surroundings = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
COATS = {
    "as it is": lambda value: value,
    "percent-encoded": lambda value: quote(value, safe=""),
    "percent-encoded in lower case": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "percent-encoded twice": lambda value: quote(quote(value, safe=""), safe=""),
    "as in a form": quote_plus,
    "in JSON": json.dumps,
    "in a repr": repr,
    "in HTML": html.escape,
    "in hexadecimal": lambda value: value.encode().hex(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "URL-safe base64": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64 after one byte": lambda value: base64.b64encode(b":" + value.encode()).decode(),
    "base64 between bytes": lambda value: base64.b64encode(b"ab" + value.encode() + b"cd").decode(),
    "percent-encoded base64": lambda value: quote(base64.b64encode(value.encode()).decode(), safe=""),
}


@pytest.mark.parametrize("coat", COATS)
@settings(max_examples=60, deadline=None)
@given(value=secret_values, before=surroundings, behind=surroundings)
def test_a_known_secret_is_gone_in_every_coat_it_travels_in(coat: str, value: str, before: str, behind: str) -> None:
    remember_secret(value)
    dressed = COATS[coat](value)
    # the space keeps a base64 run or an escape of the surroundings from changing what the coat means
    cleaned = redact(f"{before} {dressed} {behind}")
    assert value not in cleaned
    assert dressed not in cleaned
    assert REDACTED in cleaned or cleaned == WITHHELD


@settings(max_examples=50, deadline=None)
@given(text=surroundings)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_text_without_a_secret_stays_as_it_is() -> None:
    text = "Error in report request: dataEndTime must be 2026-02-14 or earlier for ASIN B0B1DSFGC9 (30 % of 1+1)."
    assert redact(text) == text


@pytest.mark.parametrize(
    "form",
    [
        "Atza|{}",
        "token=Atzr%7C{}",
        '{{"access_token": "{}", "x": 1}}',
        "{{'refresh_token': '{}'}}",
        "client_secret={}&grant_type=refresh_token",
        "client_secret%3D{}",
        "x-amz-access-token: {}",
        "Authorization: Bearer {}",
        "https://bucket.s3.amazonaws.com/key?X-Amz-Signature={}",
        "https%3A%2F%2Fbucket.s3.amazonaws.com%2Fkey%3FX-Amz-Signature%3D{}",
        "https://user:{}@proxy.example:8080/path",
        "&X-Amz-Security-Token={} and more",
        "amzn1.oa2-cs.v1.{}",
    ],
)
def test_an_unknown_secret_is_known_by_its_mark(form: str) -> None:
    value = secrets.token_hex(20)
    cleaned = redact(f"before {form.format(value)} behind")
    assert value not in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" behind")


def test_the_path_of_an_address_stays_readable() -> None:
    assert redact("GET https://host/reports/1?a=b now") == f"GET https://host/reports/1?{REDACTED} now"


def test_a_signature_is_gone_also_without_its_address() -> None:
    signature = secrets.token_hex(32)
    remember_signed_address(f"https://bucket/key?X-Amz-Expires=300&X-Amz-Signature={signature}")
    assert signature not in redact(f"SignatureDoesNotMatch: {signature}")
    assert base64.b64encode(signature.encode()).decode() not in redact(base64.b64encode(signature.encode()).decode())


def test_short_values_are_words_and_stay() -> None:
    remember_secret("a")
    assert redact("a day") == "a day"


def test_a_text_that_only_shows_its_secret_when_decoded_is_withheld() -> None:
    value = f"{secrets.token_hex(8)}&{secrets.token_hex(8)}"
    remember_secret(value)
    triple = value.replace("&", "%26amp%3B")
    assert redact(f"see {triple}") == WITHHELD
