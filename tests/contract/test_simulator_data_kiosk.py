"""Data Kiosk agrees with Amazon's model and schema, and two independent clients go through a query's whole life."""

import gzip
import json
import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, FormatChecker
from sp_api.api import DataKiosk
from sp_api.auth import AccessTokenClient
from sp_api.base import SellingApiBadRequestException, SellingApiNotFoundException
from spapi import SPAPIClient, SPAPIConfig
from spapi.api.datakiosk_v2023_11_15.queries_api import QueriesApi
from spapi.models.datakiosk_v2023_11_15 import CreateQuerySpecification
from spapi.rest import ApiException

from tests.simulator_process import SimulatorProcess

ROOT = "/dataKiosk/2023-11-15"
DOMAIN = "analytics_vendorAnalytics_2024_09_30"
ENDED = {"DONE", "FATAL", "CANCELLED"}
MEASURES = """
    costs { netPPM shippedCogs { amount currencyCode } }
    customerSatisfaction { customerReturns }
    orders { orderedUnitsWithRevenue { units value { amount currencyCode } } }
    shippedOrders {
      averageSellingPrice { amount currencyCode } shippedUnitsWithRevenue { units value { amount currencyCode } }
    }
    traffic { glanceViews lostFeaturedOffer }
"""
ROWS = f"metrics {{ groupByKey {{ asin }} metrics {{ {MEASURES} }} }}"
FIELDS = f"startDate endDate marketplaceId totals {{ {MEASURES} }} {ROWS}"
Types = dict[str, dict[str, str]]
SCALARS: dict[str, tuple[type, ...]] = {"Long": (int,), "Int": (int,), "Float": (int, float), "String": (str,)}


def query_text(first: str = "2026-11-12", last: str = "2026-11-18", fields: str = FIELDS) -> str:
    arguments = f'startDate: "{first}", endDate: "{last}", aggregateBy: DAY, currencyCode: "EUR"'
    return f"query {{ {DOMAIN} {{ manufacturingView({arguments}) {{ {fields} }} }} }}"


@pytest.fixture(autouse=True)
def _explicit_marketplace(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-amazon-sp-api lets this variable win over the endpoint that it is given."""
    monkeypatch.delenv("SP_API_DEFAULT_MARKETPLACE", raising=False)


@pytest.fixture(scope="module")
def models_dir() -> Path:
    beside = Path(__file__).resolve().parents[3] / "shared" / "sp-api-models"
    found = Path(os.environ.get("SP_API_MODELS_DIR", beside))
    if not (found / "models").is_dir():
        pytest.skip("Amazon's models are not here: set SP_API_MODELS_DIR to a copy of selling-partner-api-models")
    return found


@pytest.fixture(scope="module")
def client(simulator_process: SimulatorProcess) -> httpx.Client:
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it")}
    return httpx.Client(base_url=simulator_process.base_url + ROOT, headers=headers, timeout=30)


def create(client: httpx.Client, text: str) -> httpx.Response:
    return client.post("/queries", json={"query": text})


def finished(client: httpx.Client, created: httpx.Response) -> dict[str, Any]:
    query_id = created.json()["queryId"]
    for _ in range(300):
        query: dict[str, Any] = client.get(f"/queries/{query_id}").json()
        if query.get("processingStatus") in ENDED:
            return query
        time.sleep(0.1)
    raise AssertionError(f"query {query_id} did not end: {query}")


def document(client: httpx.Client, document_id: str) -> httpx.Response:
    url = client.get(f"/documents/{document_id}").raise_for_status().json()["documentUrl"]
    return httpx.get(url, timeout=30).raise_for_status()


def read_types(text: str) -> Types:
    """The object types of a GraphQL schema: their fields, each with its type as written."""
    bare = re.sub(r'"""[\s\S]*?"""|"[^"\n]*"', "", text)
    bare = re.sub(r"@\w+\([^)]*\)", "", bare)
    found: Types = {}
    for name, body in re.findall(r"^type (\w+) \{([^}]*)\}", bare, re.MULTILINE):
        fields = re.sub(r"\([^)]*\)", "", body)
        found[name] = dict(re.findall(r"(\w+)\s*:\s*([\[\]!\w]+)", fields))
    return found


def problems(types: Types, kind: str, value: Any, path: str = "$") -> list[str]:
    """What of ``value`` is not of the GraphQL type ``kind``; fields may be missing, none may be unknown."""
    if kind.endswith("!"):
        return [f"{path}: null"] if value is None else problems(types, kind[:-1], value, path)
    if value is None:
        return []
    if kind.startswith("["):
        return [
            found for place, item in enumerate(value) for found in problems(types, kind[1:-1], item, f"{path}[{place}]")
        ]
    if kind in types:
        unknown = [f"{path}.{name}: unknown" for name in value if name not in types[kind]]
        known = [name for name in value if name in types[kind]]
        return unknown + [
            found for name in known for found in problems(types, types[kind][name], value[name], f"{path}.{name}")
        ]
    if kind == "Date":
        return [] if date.fromisoformat(value).isoformat() == value else [f"{path}: no date"]
    allowed = SCALARS[kind]
    return [] if isinstance(value, allowed) and not isinstance(value, bool) else [f"{path}: {value!r} is no {kind}"]


SMALL_SCHEMA = """
"About."
type A {
  "A day."
  day(of: Int! = 1): Date! @kept(for : "P1D")
  parts: [B]!
}

type B {
  n: Long
}
"""


def test_the_reading_of_types_finds_what_is_wrong() -> None:
    types = read_types(SMALL_SCHEMA)
    assert types == {"A": {"day": "Date!", "parts": "[B]!"}, "B": {"n": "Long"}}
    assert problems(types, "A", {"day": "2026-11-01", "parts": [{"n": None}, None, {"n": 3}]}) == []
    wrong = {"day": None, "parts": [{"n": "3"}], "more": 1}
    assert problems(types, "A", wrong) == ["$.more: unknown", "$.day: null", "$.parts[0].n: '3' is no Long"]


def test_every_line_is_of_the_schemas_type(client: httpx.Client, models_dir: Path) -> None:
    types = read_types((models_dir / "schemas" / "data-kiosk" / f"{DOMAIN}.graphql").read_text())
    query = finished(client, create(client, query_text()))
    answer = document(client, query["dataDocumentId"])
    assert answer.headers["Content-Encoding"] == "gzip"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["startDate"] for line in lines] == [f"2026-11-{day}" for day in range(12, 19)]
    assert sum(len(line["metrics"]) for line in lines) > 100
    for line in lines:
        assert problems(types, "ManufacturingView!", line) == []
    told = json.dumps(lines)
    assert all(f'"{name}"' in told for name in re.findall(r"\w+", MEASURES))


def test_answers_validate_against_amazons_definitions(client: httpx.Client, models_dir: Path) -> None:
    model = json.loads((models_dir / "models" / "dataKiosk_2023-11-15.json").read_text())
    definitions = model["definitions"]
    for schema in definitions.values():
        if "properties" in schema:
            schema["additionalProperties"] = False

    def conforms(name: str, answer: httpx.Response, status: int) -> None:
        assert answer.status_code == status, answer.text
        schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
        errors = Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(answer.json())
        assert [f"{list(error.path)}: {error.message}" for error in errors] == []

    created = create(client, query_text())
    conforms("CreateQueryResponse", created, 202)
    path = f"/queries/{created.json()['queryId']}"
    conforms("Query", client.get(path), 200)
    query = finished(client, created)
    conforms("Query", client.get(path), 200)
    conforms("GetDocumentResponse", client.get(f"/documents/{query['dataDocumentId']}"), 200)
    conforms("GetQueriesResponse", client.get("/queries", params={"pageSize": "1"}), 200)
    conforms("ErrorList", create(client, "{ sampleQuery }"), 400)
    conforms("ErrorList", client.get("/queries/1"), 404)
    conforms("ErrorList", client.get("/queries/one"), 400)
    conforms("ErrorList", client.get("/documents/unknown"), 404)
    conforms("ErrorList", client.delete(path), 400)


def test_a_failed_query_gives_an_array_that_says_why(client: httpx.Client) -> None:
    query = finished(client, create(client, query_text("2026-11-18", "2026-11-12")))
    assert query["processingStatus"] == "FATAL"
    entries = document(client, query["errorDocumentId"]).json()
    assert entries[0]["message"] == "The end date must not be before the start date."


def test_days_that_are_not_out_are_done_without_a_document(client: httpx.Client) -> None:
    query = finished(client, create(client, query_text("2026-11-22", "2026-11-22")))
    assert query["processingStatus"] == "DONE"
    assert not {"dataDocumentId", "errorDocumentId"} & set(query)


@pytest.mark.parametrize(
    ("kind", "operation", "call", "status"),
    [
        ("http_503_html", "createQuery", lambda client: create(client, query_text()), 503),
        ("query_not_found", None, lambda client: client.get("/queries/1"), 404),
        ("http_429", "getQueries", lambda client: client.get("/queries"), 429),
        ("http_500", "getDocument", lambda client: client.get("/documents/none"), 500),
        ("role_missing", "cancelQuery", lambda client: client.delete("/queries/1"), 403),
    ],
)
def test_every_operation_can_be_struck(
    simulator_process: SimulatorProcess,
    client: httpx.Client,
    kind: str,
    operation: str | None,
    call: Callable[[httpx.Client], httpx.Response],
    status: int,
) -> None:
    simulator_process.control("POST", "/faults", [{"kind": kind, "operation": operation, "report_type": DOMAIN}])
    assert call(client).status_code == status
    assert simulator_process.control("GET", "/state")["faults"] == []


def test_a_line_can_be_cut_on_its_way(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    query = finished(client, create(client, query_text()))
    simulator_process.control("POST", "/faults", [{"kind": "document_line_cut", "report_type": DOMAIN}])
    cut = document(client, query["dataDocumentId"]).text
    whole = document(client, query["dataDocumentId"]).text
    assert whole.startswith(cut)
    assert len(cut) < len(whole)
    states = simulator_process.control("GET", "/state")["queries"]
    assert query["queryId"] in [state["queryId"] for state in states if state["account_id"] == "demo_it"]


def test_a_page_token_can_repeat(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    for _ in range(3):
        create(client, query_text())
    token = client.get("/queries", params={"pageSize": "1"}).json()["pagination"]["nextToken"]
    simulator_process.control("POST", "/faults", [{"kind": "answer_page_token_repeats", "operation": "getQueries"}])
    asked = {"pageSize": "1", "paginationToken": token}
    stuck, sound = (client.get("/queries", params=asked).json()["pagination"]["nextToken"] for _ in range(2))
    assert stuck == token
    assert sound != token


def test_the_community_client_goes_from_query_to_document(simulator_process: SimulatorProcess) -> None:
    account = simulator_process.accounts["demo_it"]

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host, path = "http://", simulator_process.base_url.removeprefix("http://"), "/auth/o2/token"

    kiosk = DataKiosk(
        marketplace=SimpleNamespace(
            endpoint=simulator_process.base_url, marketplace_id=account["marketplace_id"], region="eu-west-1"
        ),
        auth_token_client_class=Login,
        timeout=30,
        credentials={
            "refresh_token": account["refresh_token"],
            "lwa_app_id": account["client_id"],
            "lwa_client_secret": account["client_secret"],
        },
    )
    query_id = kiosk.create_query(query_text()).payload["queryId"]
    query: dict[str, Any] = {}
    for _ in range(300):
        query = kiosk.get_query(query_id).payload
        if query["processingStatus"] in ENDED:
            break
        time.sleep(0.1)
    fetched = kiosk.get_document(query["dataDocumentId"], download=True).payload["document"]
    assert len([json.loads(line) for line in fetched.decode().splitlines()]) == 7
    listed = kiosk.get_queries(processingStatuses="DONE", pageSize=100).payload["queries"]
    assert query_id in [item["queryId"] for item in listed]
    with pytest.raises(SellingApiBadRequestException, match="sampleQuery"):
        kiosk.create_query("{ sampleQuery }")
    with pytest.raises(SellingApiNotFoundException, match="queryId was not found"):
        kiosk.get_query("1")
    waiting = kiosk.create_query(query_text()).payload["queryId"]
    kiosk.cancel_query(waiting)
    assert kiosk.get_query(waiting).payload["processingStatus"] == "CANCELLED"


def test_amazons_client_goes_from_query_to_document(simulator_process: SimulatorProcess) -> None:
    account = simulator_process.accounts["demo_de"]
    config = SPAPIConfig(
        client_id=account["client_id"],
        client_secret=account["client_secret"],
        refresh_token=account["refresh_token"],
        region="EU",
    )
    base_url = simulator_process.base_url
    api = QueriesApi(SPAPIClient(config, oauth_endpoint=f"{base_url}/auth/o2/token", endpoint=base_url).api_client)
    query_id = api.create_query(CreateQuerySpecification(query=query_text())).query_id
    query = api.get_query(query_id)
    for _ in range(300):
        if query.processing_status in ENDED:
            break
        time.sleep(0.1)
        query = api.get_query(query_id)
    assert query.processing_status == "DONE"
    assert query.processing_end_time >= query.processing_start_time >= query.created_time
    url = api.get_document(query.data_document_id).document_url
    packed = httpx.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
    assert packed.text.count("\n") == 7
    assert [item.query_id for item in api.get_queries(page_size=1).queries] == [query_id]
    waiting = api.create_query(CreateQuerySpecification(query=query_text())).query_id
    api.cancel_query(waiting)
    assert api.get_query(waiting).processing_status == "CANCELLED"
    with pytest.raises(ApiException) as refused:
        api.get_query("1")
    assert refused.value.status == 404


def test_the_stored_bytes_are_gzip(client: httpx.Client) -> None:
    query = finished(client, create(client, query_text()))
    url = client.get(f"/documents/{query['dataDocumentId']}").json()["documentUrl"]
    with httpx.stream("GET", url) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw).count(b"\n") == 7
