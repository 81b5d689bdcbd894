"""What the documents say is so: commands, links, names of classes and the generated pages."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daybreak.accounts import read_accounts
from daybreak.contracts.__main__ import run as run_dictionary
from daybreak.settings import Settings
from tests.architecture.source_tree import CHECKOUT, kept_files, shown

LONGEST_README = 90
FENCE = re.compile(r"(?ms)^```[a-z]*\n(.*?)^```")
# Other lines of code need not be a shell's.
COMMAND = re.compile(r"(?:\.venv/bin/)?(?:make|daybreak)(?:\s|$)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# Classes of Airflow and its providers, and the executors by their short names.
DOTTED_CLASS = re.compile(r"\bairflow\.(?:providers|executors|api_fastapi)(?:\.\w+)*\.[A-Z]\w+")
EXECUTOR = re.compile(r"\b[A-Z]\w*Executor\b")
PROVIDER = re.compile(r"\bapache-airflow-providers-[a-z-]+[a-z]")


def documents() -> list[Path]:
    """Every Markdown page, the generated dictionary excepted."""
    return [path for path in kept_files() if path.suffix == ".md" and path.name != "data_dictionary.md"]


def named_commands(text: str) -> Iterator[list[str]]:
    """The words of each ``make …`` and ``daybreak …`` command line that stands in code, comments taken off."""
    blocks = FENCE.findall(text)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += CODE_SPAN.findall(FENCE.sub("", text))
    for line in lines:
        for command in line.removeprefix("$ ").split("&&"):
            if COMMAND.match(command.strip()):
                words = shlex.split(command.replace("…", "").replace("'", " "), comments=True)
                yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


def make_targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z][a-z-]*):", (CHECKOUT / "Makefile").read_text()))


def wrong_words(words: list[str], root: Any, targets: set[str]) -> list[str]:
    """The words of a command line that name no target, command or option."""
    if words[0] == "make":
        return [word for word in words[1:] if "=" not in word and word not in targets]
    command: Any = root
    wrong: list[str] = []
    for word in words[1:]:
        subcommands = getattr(command, "commands", {})
        if word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts}
            wrong += [word] if word.split("=")[0] not in known | {"--help"} else []
        elif subcommands and word in subcommands:
            command = subcommands[word]
        elif subcommands:
            wrong.append(word)
    return wrong


@pytest.fixture(scope="module")
def command_line() -> Any:
    import typer.main

    from daybreak.cli import app

    return typer.main.get_command(app)


def test_the_data_dictionary_is_what_the_contracts_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_dictionary(["--check"]) == 0, capsys.readouterr().err


def test_every_command_in_the_documents_exists(command_line: Any) -> None:
    targets = make_targets()
    commands = [(path, words) for path in documents() for words in named_commands(path.read_text())]
    assert len(commands) > 10
    assert [
        f"{shown(path)}: {' '.join(words)}" for path, words in commands if wrong_words(words, command_line, targets)
    ] == []


def test_the_readme_tells_the_two_commands_and_is_one_page() -> None:
    text = (CHECKOUT / "README.md").read_text()
    assert {("make", "demo"), ("make", "test")} <= {tuple(words) for words in named_commands(text)}
    assert len(text.splitlines()) <= LONGEST_README


def test_a_command_that_is_not_there_is_found(command_line: Any) -> None:
    targets = make_targets()
    assert wrong_words(["make", "breakfast"], command_line, targets) == ["breakfast"]
    assert wrong_words(["daybreak", "breakfast"], command_line, targets) == ["breakfast"]
    assert wrong_words(["daybreak", "controls", "--eggs", "2"], command_line, targets) == ["--eggs"]
    assert wrong_words(["daybreak", "gate", "release", "7", "--reason", "late"], command_line, targets) == []


def test_commands_are_read_from_code_only() -> None:
    text = (
        "We make do with daybreak. `make test` or `daybreak gate release 7 --reason '…'`.\n```sh\n$ make up  # on\n```"
    )
    assert list(named_commands(text)) == [
        ["make", "up"],
        ["make", "test"],
        ["daybreak", "gate", "release", "7", "--reason"],
    ]


def broken_links(path: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    targets = [target for target in LINK.findall(FENCE.sub("", text)) if "://" not in target]
    return [target for target in targets if not (path.parent / target).exists()]


def test_every_link_between_the_documents_leads_somewhere() -> None:
    assert len(documents()) >= 8
    assert {shown(path): found for path in documents() if (found := broken_links(path, path.read_text()))} == {}


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = CHECKOUT / "README.md"
    assert broken_links(page, "[a](docs/none.md) [b](Makefile) [c](https://example.org/x) [d](#map)") == [
        "docs/none.md"
    ]


def test_numbered_decisions_run_without_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((CHECKOUT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 7


RESOLVE = """
import importlib, importlib.metadata, sys
from airflow.executors.executor_loader import ExecutorLoader
for name in sys.argv[1:]:
    try:
        if name.startswith("apache-airflow-providers-"):
            module = name.removeprefix("apache-").replace("-providers-", ".providers.").replace("-", ".")
            importlib.metadata.version(name), importlib.import_module(module)
        else:
            module, _, attribute = ExecutorLoader.executors.get(name, name).rpartition(".")
            getattr(importlib.import_module(module), attribute)
    except Exception as error:
        print("missing:", name, type(error).__name__, error)
"""


def named_classes() -> set[str]:
    """Executors, auth managers and providers that a document, the compose file or a setting names."""
    texts = [path.read_text() for path in documents()]
    texts += [path.read_text() for path in kept_files() if path.name.startswith(("docker-compose", "Dockerfile"))]
    return {name for text in texts for form in (DOTTED_CLASS, EXECUTOR, PROVIDER) for name in form.findall(text)}


def unresolved(names: set[str], home: Path) -> list[str]:
    """Those of ``names`` that the installed Airflow cannot import."""
    done = subprocess.run(
        [sys.executable, "-c", RESOLVE, *sorted(names)],
        env={**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if line.startswith("missing: ")]


def test_every_executor_auth_manager_and_provider_that_is_named_imports(tmp_path: Path) -> None:
    names = named_classes()
    assert "LocalExecutor" in names
    assert unresolved(names, tmp_path) == []


def test_a_class_that_is_not_installed_is_found(tmp_path: Path) -> None:
    wrong = {"NightExecutor", "airflow.providers.celery.executors.celery_executor.DawnExecutor"}
    found = unresolved({*wrong, "apache-airflow-providers-moon", "CeleryExecutor"}, tmp_path)
    assert len(found) == 3, found


def test_the_example_of_an_accounts_file_is_one() -> None:
    accounts = read_accounts(CHECKOUT / "include" / "accounts.example.yml")
    assert len(accounts) >= 2
    assert any(account.thresholds.model_fields_set for account in accounts)
    assert any(account.primary_distributor_view == "SOURCING" for account in accounts)


def test_every_setting_that_the_documents_list_has_the_default_that_they_say() -> None:
    rows = re.findall(r"(?m)^\| `DAYBREAK_(\w+)` \| ([\d,]+) \|", (CHECKOUT / "docs" / "architecture.md").read_text())
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert {name.lower(): int(value.replace(",", "")) for name, value in rows} == {
        name.lower(): defaults[name.lower()] for name, _ in rows
    }
    kept = {name for name in defaults if name.startswith("keep_")}
    assert kept <= {name.lower() for name, _ in rows}
