"""How processes share the tests: what belongs together stays together, and what takes long begins first."""

from types import SimpleNamespace
from typing import Any

import pytest

from daybreak.settings import CHECKOUT
from tests.work_order import LONGEST_FIRST, pytest_collection_modifyitems, unit_of_work

UNIT, STACK, DAWN, FAULT = (
    "tests/unit/test_accounts.py::test_a",
    "tests/e2e/test_stack.py::test_b[x::y]",
    "tests/e2e/test_dawn.py::test_c",
    "tests/faults/test_pages.py::test_d[1]",
)


def test_a_module_and_all_tests_of_the_running_stack_go_to_one_process() -> None:
    assert unit_of_work(UNIT) == "tests/unit/test_accounts.py"
    assert unit_of_work(FAULT) != unit_of_work(UNIT)
    assert unit_of_work(STACK) == unit_of_work(DAWN)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (SimpleNamespace(workerinput={}), [STACK, DAWN, FAULT, UNIT]),
        (SimpleNamespace(), [UNIT, STACK, FAULT, DAWN]),
    ],
    ids=["one of several processes", "alone"],
)
def test_only_one_of_several_processes_begins_with_what_takes_longest(config: Any, expected: list[str]) -> None:
    items: list[Any] = [SimpleNamespace(nodeid=nodeid) for nodeid in (UNIT, STACK, FAULT, DAWN)]
    pytest_collection_modifyitems(config, items)
    assert [item.nodeid for item in items] == expected


def test_the_folders_that_are_begun_first_exist() -> None:
    assert [name for name in LONGEST_FIRST if not (CHECKOUT / name).is_dir()] == []
