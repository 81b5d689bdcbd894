"""All parts of one running simulator, put together."""

import threading
from collections.abc import Callable
from time import monotonic, time

from simulator.clock import Clock
from simulator.config import AccountConfig, SimulatorConfig
from simulator.downloads import Addresses
from simulator.faults.armoury import Armoury
from simulator.gateway import Gateway
from simulator.journal import Journal
from simulator.login import Logins
from simulator.quota import Quotas
from simulator.report_book import ReportBook
from simulator.signature import Signer
from simulator.world.history import AccountWorld


class Worlds:
    """The world of each account, made when first needed."""

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self._worlds: dict[str, AccountWorld] = {}
        self._lock = threading.Lock()

    def of(self, account: AccountConfig) -> AccountWorld:
        with self._lock:
            if account.account_id not in self._worlds:
                world = AccountWorld(
                    account, self._config.seed, self._config.start_date, self._config.world.incident_rates
                )
                self._worlds[account.account_id] = world
            return self._worlds[account.account_id]


class Simulation:
    """The state behind the HTTP interface. ``base_url`` is where clients reach it."""

    def __init__(
        self,
        config: SimulatorConfig,
        base_url: str,
        monotonic_clock: Callable[[], float] = monotonic,
        wall_clock: Callable[[], float] = time,
    ) -> None:
        signer = Signer(config.control_token.get_secret_value())
        self.config = config
        self.clock = Clock(config.clock.now, config.clock.speed, monotonic_clock)
        self.worlds = Worlds(config)
        self.logins = Logins(config.accounts, signer, wall_clock)
        self.quotas = Quotas(self.clock)
        self.armoury = Armoury()
        self.journal = Journal()
        self.book = ReportBook(self.clock)
        self.addresses = Addresses(config.public_base_url or base_url, signer, wall_clock)
        self.gateway = Gateway(self.logins, self.quotas, self.armoury, self.journal)
