"""SQL lives in .sql files. Python holds only what binds it to a session, copies rows in or reads a gate's subject."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import DAGS, PACKAGE, PLUGINS, SIMULATOR, python_files, shown

STATEMENT = re.compile(
    r"""(?isx) ^\s* (
        select\b (?: .*\bfrom\b | \s+ [\w.]+ \s* \( | \s+ \d+ \s* $ )
        | with \s+ \w+ \s+ as \s* (?: (?: not \s+ )? materialized \s* )? \(
        | insert \s+ into \b | update \s+ \S+ \s+ (?: as \s+ \w+ \s+ )? set \b | delete \s+ from \b
        | merge \s+ into \b | truncate \s | copy \s+ \S+ | comment \s+ on \s | call \s+ [\w.]+ \s* \(
        | (?: create | alter | drop ) \s+ (?: (?: or \s+ replace | temp | temporary | unlogged | unique ) \s+ )*
            (?: table | view | materialized | index | schema | function | sequence | type | role | user | database
                | system | extension | trigger | policy ) \b
        | (?: grant | revoke ) \s+ .+ \s (?: on | to | from ) \s
        | (?: set | reset ) \s+ (?: (?: local | session ) \s+ )? [\w.]+ (?: \s*=\s* | \s+ to \s+ )
        | vacuum\b | analyze \s+ [\w.{]+ \s* $ | lock \s+ table \b | refresh \s+ materialized \b
        | (?: listen | notify ) \s+ \w+ \s* $
    )"""
)
SESSION_SETTINGS = (
    r"set (local |session )?[\w.]+ ?(=|to) ",
    r"select set_config\(",
    r"select pg_(try_)?advisory_(xact_)?(un)?lock",
    r"select 1$",
)
# Beyond session settings, by the file or room that may say it.
ALLOWED: dict[Path, tuple[str, ...]] = {
    PACKAGE / "warehouse": (r"copy \S+", r"comment on "),
    # The register of migrations is read before there is any file to read it with.
    PACKAGE / "warehouse" / "migrations.py": (
        r"select to_regclass\('public\.daybreak_migration'\)",
        r"(select|insert into) .*public\.daybreak_migration",
        r"insert into public\.daybreak_migration",
    ),
    # What a gate judges: the staging table of one load, the candidate rows of one build. Both names are identifiers.
    PACKAGE / "quality": (r"select \* from (\{\}|staging\.\S+|candidate\.\S+)( where build_id = \{\})?$",),
    # The columns of an expectation and the batch: an unexpected_rows_query like those of the suites.
    PACKAGE / "quality" / "questions.py": (
        r"select \{\} from \{\{batch\}\} where \{\} group by \{\} having count",
        r"select min\(\{\}\) from \{\{batch\}\} having min\(\{\}\) <> max\(\{\}\)$",
    ),
    # Roles and databases cannot be made from inside a database that they do not yet have.
    PACKAGE / "stack" / "postgres.py": (
        r"(create|alter|drop) (role|database|system) |comment on database ",
        r"revoke connect, temporary on database \{\} from public$",
        r"select .* from pg_(roles|database) where ",
    ),
}


def spoken_statements(source: str) -> Iterator[tuple[str, int]]:
    """(text, line) of every string that reads as SQL; docstrings excepted. A replacement field reads as ``{}``."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    parts_of_f_strings = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            if id(node) in docstrings or id(node) in parts_of_f_strings:
                continue
            text = node.value.decode(errors="replace") if isinstance(node.value, bytes) else node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        else:
            continue
        if STATEMENT.match(text):
            yield " ".join(text.split()), node.lineno


def unlawful_statements(path: Path, source: str) -> list[str]:
    """The SQL in a Python file that belongs in a .sql file."""
    allowed = SESSION_SETTINGS + tuple(
        pattern for place, patterns in ALLOWED.items() if path.is_relative_to(place) for pattern in patterns
    )
    return [
        f"line {line}: {text[:80]}"
        for text, line in spoken_statements(source)
        if not any(re.match(pattern, text, re.IGNORECASE) for pattern in allowed)
    ]


def test_python_speaks_no_sql_but_what_the_law_names() -> None:
    files = python_files(PLUGINS, DAGS, SIMULATOR)
    assert len(files) > 10
    assert {shown(path): found for path in files if (found := unlawful_statements(path, path.read_text()))} == {}


def test_quality_reads_a_load_and_a_build_each_in_one_place() -> None:
    reads = [text for path in python_files(PACKAGE / "quality") for text, _ in spoken_statements(path.read_text())]
    reads = [text for text in reads if "{batch}" not in text]
    assert len(reads) == len(set(reads)) <= 2, reads


@pytest.mark.parametrize(
    "source",
    [
        'x = "select asin from core.product"',
        'x = """\n  with latest as (select 1) select * from latest"""',
        'x = f"delete from {table} where load_id = 1"',
        'x = f"SELECT * FROM staging.{name}"',
        'x = "insert into ops.load (account_id) values (%s)"',
        'x = "update ops.load set status_code = %s"',
        'x = "merge into core.sales_daily as c using s on true"',
        'x = "create table if not exists core.late (a int)"',
        'x = "drop view staged_sales_daily"',
        'x = "truncate ops.quota"',
        'x = b"copy core.product from stdin"',
        'x = "select ops.take_quota(%(a)s)"',
        'x = "grant select on core.product to analyst"',
    ],
)
def test_a_statement_in_python_is_found(source: str) -> None:
    assert len(unlawful_statements(PACKAGE / "steps" / "publish_facts.py", source)) == 1


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("steps/plan.py", '"""select a day from the ledger"""\nx = "select the account first"'),
        ("steps/plan.py", 'x = "Updates the set of days"\ny = "copy"\nz = "with care"'),
        ("steps/plan.py", 'raise ValueError("update the checkout, then set DAYBREAK_HOME")'),
        ("warehouse/copying.py", 'x = "copy staging.x (a) from stdin"\ny = "set local statement_timeout = 1"'),
        ("quality/gate.py", 'x = f"SELECT * FROM staging.{name}"'),
        ("quality/gate.py", 'x = sql.SQL("select * from {} where build_id = {}")'),
        ("warehouse/ledger.py", 'x = "select pg_advisory_xact_lock(%(key)s)"'),
    ],
)
def test_words_that_are_no_statement_and_statements_that_the_law_names_are_left_alone(place: str, source: str) -> None:
    assert unlawful_statements(PACKAGE / place, source) == []
