"""One real stack for the tests of this folder: Airflow, Postgres and the simulator, in a home beside the user's."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from daybreak.settings import Settings
from daybreak.stack import local
from daybreak.stack.airflow_api import AirflowApi
from daybreak.stack.demo_accounts import World, read_control_token
from daybreak.stack.local import Stack
from daybreak.stack.processes import Command

WORLD = World(asins=40, speed=60.0)
GAP_DAYS = 30
"""How far back the first dawn looks: two windows of each report, more than one burst of Amazon's quota."""


@dataclass
class RunningStack:
    """The stack that runs; ``up`` after a test has killed or stopped parts of it."""

    settings: Settings
    stack: Stack
    api: AirflowApi

    @property
    def warehouse_url(self) -> str:
        return self.stack.warehouse_url

    @property
    def simulator_url(self) -> str:
        return str(self.stack.simulator_url)

    @property
    def control_token(self) -> str:
        return read_control_token(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        """All variables of a command line that belongs to this stack, the machine's own included."""
        return Command([], self.stack.environment, self.settings.home).full_environment()

    def up(self) -> list[str]:
        """Brings every part up again and returns what was said on the way."""
        said: list[str] = []
        self.stack = local.up(self.settings, said.append, world=WORLD)
        self.api.close()
        self.api = self.stack.airflow()
        return said


@pytest.fixture(scope="package")
def running_stack() -> Iterator[RunningStack]:
    """A stack with the demo's three accounts, 40 products each, and a simulator sixty times as fast as Amazon.

    It goes with the last test of this folder: an idle Airflow takes processor time from all the others.
    """
    with tempfile.TemporaryDirectory(prefix="daybreak-stack-", ignore_cleanup_errors=True) as directory:
        home = Path(directory) / "home"
        settings = Settings(home=home, accounts_file=home / "accounts.yml", gap_days=GAP_DAYS)
        try:
            stack = local.up(settings, world=WORLD)
            running = RunningStack(settings, stack, stack.airflow())
            yield running
            running.api.close()
        finally:
            local.down(settings)
