"""The SQL runs on the oldest Postgres that Daybreak claims to run on: it uses nothing that came later."""

import re

import pytest

from daybreak.stack.warehouse_address import LOWEST_POSTGRES
from tests.architecture.source_tree import CHECKOUT, shown, sql_files

COMMENT = re.compile(r"(?s)--[^\n]*|/\*.*?\*/")
# By the version that brought them, each a pattern of its own.
LATER = {
    16: (
        r"any_value\s*\(",
        r"random_normal\s*\(",
        r"array_(?:shuffle|sample)\s*\(",
        r"is\s+(?:not\s+)?json\b",
        r"json_(?:array|object)(?:agg)?\s*\(",
        r"pg_input_(?:is_valid|error_info)\s*\(",
        r"system_user\b",
        r"date_(?:add|subtract)\s*\(",
        r"erfc?\s*\(",
    ),
    17: (
        r"merge_action\s*\(",
        r"merge\s+into\b[^;]*\breturning\b",
        r"not\s+matched\s+by\s+source\b",
        r"json_(?:table|value|query|exists|scalar|serialize)\s*\(",
        r"on_error\s+ignore\b",
        r"transaction_timeout\b",
        r"to_(?:bin|oct)\s*\(",
        r"random\s*\(\s*[^)\s]",
        r"grant\s+maintain\b",
        r"uuid_extract_\w+\s*\(",
        r"(?:split\s+partition|merge\s+partitions)\b",
        r"interval\s+'-?infinity'",
        r"pg_c_utf8\b",
        r"locale_provider\s*=?\s*'?builtin\b",
    ),
    18: (
        r"uuidv[47]\s*\(",
        r"generated\s+always\s+as\s*\([^;]*\)\s+virtual\b",
        r"returning\s+(?:with\s*\(|(?:old|new)\.)",
        r"without\s+overlaps\b",
        r"not\s+enforced\b",
        r"casefold\s*\(",
        r"array_(?:sort|reverse)\s*\(",
        r"crc32c?\s*\(",
    ),
}


def newer_than(lowest: int, text: str) -> list[str]:
    """What of ``text`` a Postgres of version ``lowest`` does not know."""
    bare = COMMENT.sub(" ", text)
    later = [word for since, words in LATER.items() if since > lowest for word in words]
    return [" ".join(match.group().split()) for word in later for match in re.finditer(rf"(?is)\b{word}", bare)]


def test_no_statement_needs_a_newer_postgres_than_the_lowest_one_that_is_let_in() -> None:
    assert {
        shown(path): found for path in sql_files() if (found := newer_than(LOWEST_POSTGRES, path.read_text()))
    } == {}


def test_the_documents_name_the_lowest_version_that_is_let_in() -> None:
    named = {
        name: set(re.findall(r"Postgres (\d+)(?:\+| or newer)", (CHECKOUT / name).read_text()))
        for name in ("README.md", "docs/architecture.md", "CONTRIBUTING.md", "plugins/daybreak/settings.py")
    }
    assert named == {name: {str(LOWEST_POSTGRES)} for name in named}


@pytest.mark.parametrize(
    "text",
    [
        "merge into t using s on t.a = s.a when matched then delete returning t.a",
        "merge into t using s on t.a = s.a when not matched by source then delete",
        "select any_value(a) from t",
        "select (1 + erf(a / sqrt(2))) / 2 from t",
        "select * from json_table(a, '$' columns (b int))",
        "select random(1, 6)",
        "insert into t values (1) returning new.a",
        "create table t (a int, b int generated always as (a + 1) virtual)",
        "select uuidv7()",
        'select lower(a collate "pg_c_utf8") from t',
    ],
)
def test_a_newer_feature_is_found(text: str) -> None:
    assert newer_than(15, text)
    assert newer_than(18, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "merge into t using s on t.a = s.a when matched then update set a = 1; insert into u values (1) returning a",
        "select random(), virtual, old.a from old -- uuidv7() would need version 18",
        "create table t (a int, b int generated always as (a + 1) stored)",
    ],
)
def test_what_version_15_knows_is_left_alone(text: str) -> None:
    assert newer_than(15, text) == []
