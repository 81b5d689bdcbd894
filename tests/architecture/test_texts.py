"""The project stands on its own: its files speak of Daybreak, of no machine that they were written on, of no secret."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import CHECKOUT, kept_files, shown

# A letter in brackets matches itself: so this file does not hold what it looks for.
MACHINE = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|tm[p]/lab)/|/User[s]/\w|/hom[e]/(?!airflow)\w|\.\./share[d]\b")
REGISTRY = re.compile(r"--(?:extra-)?index-ur[l]|files\.pythonhoste[d]|pypi\.or[g]/simple|artifactor[y]")
AUTHORSHIP = re.compile(
    r"(?i)\b(?:claud[e]|anthropi[c]|chatgp[t]|opena[i]|copilo[t]|large language mode[l]|ai assistan[t])\b"
    r"|\bco-authored-b[y]\b|\bissue[ ]#?\d|\bthe brie[f] says|\bsub-?agen[t]"
)
SECRET = re.compile(
    r"amzn1\.(?:application-oa2-client|oa2-cs)\.\w{8}|Atz[ar]\|[\w-]{16}|AKIA[A-Z0-9]{16}"
    r"|X-Amz-Signature=[0-9a-f]{16}|-----BEGIN [A-Z ]*PRIVATE KE[Y]"
)
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")
RULES = {
    "names a machine": MACHINE,
    "names a package registry": REGISTRY,
    "speaks of how it was written": AUTHORSHIP,
    "holds what looks like a secret": SECRET,
    "is unfinished": UNFINISHED,
}
# The continuous integration looks for a folder beside the checkout that holds Amazon's models.
EXCEPTIONS = {(CHECKOUT / ".ci" / "run", "names a machine")}


def complaints(text: str) -> set[str]:
    """The rules that a text breaks."""
    return {rule for rule, pattern in RULES.items() if pattern.search(text)}


def text_of(path: Path) -> str:
    """The file's text; empty for what is no text."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_every_kept_file_speaks_of_daybreak_only() -> None:
    files = kept_files()
    assert len(files) > 100
    found = {shown(path): {c for c in complaints(text_of(path)) if (path, c) not in EXCEPTIONS} for path in files}
    assert {path: rules for path, rules in found.items() if rules} == {}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("read /wo" + "rk/main/x", "names a machine"),
        ("see ../sha" + "red/design", "names a machine"),
        ("--index-" + "url https://example.org", "names a package registry"),
        ("as iss" + "ue 2 asks", "speaks of how it was written"),
        ("Co-Author" + "ed-By: someone", "speaks of how it was written"),
        ("AKIA" + "Z" * 16, "holds what looks like a secret"),
        ("# TO" + "DO: later", "is unfinished"),
    ],
)
def test_a_text_that_breaks_a_rule_is_found(text: str, rule: str) -> None:
    assert complaints(text) == {rule}


@pytest.mark.parametrize("text", ["a framework/for/work", "a user agent in a database session", "/opt/airflow/plugins"])
def test_an_ordinary_text_breaks_none(text: str) -> None:
    assert complaints(text) == set()
