"""What a worker gets at once, and in which order, when ``-n`` spreads the tests over several processes."""

from typing import Any

import pytest

STACK = "tests/e2e/"
"""Tests that share the one running stack, in the order in which they are written."""
LONGEST_FIRST = (STACK, "tests/faults/", "tests/independent/", "tests/sql/", "tests/gates/", "tests/contract/")
"""Folders whose modules take minutes: begun last, one of them would keep a single worker busy while the others wait."""


def unit_of_work(nodeid: str) -> str:
    """What goes to one worker as a whole: a module, for its fixtures' sake, and all that needs the running stack."""
    return STACK if nodeid.startswith(STACK) else nodeid.split("::", 1)[0]


def rank(nodeid: str) -> int:
    """The place of a test's folder among those that are begun first."""
    return next((place for place, folder in enumerate(LONGEST_FIRST) if nodeid.startswith(folder)), len(LONGEST_FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers take the long folders first; without ``-n`` the order stays as written."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Spreads units of work, unless the command line asks for another way."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class UnitScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of_work(nodeid)

    config.option.loadscopereorder = False
    return UnitScheduling(config, log)
