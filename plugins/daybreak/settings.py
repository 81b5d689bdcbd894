"""Where this installation keeps things and which limits it works under.

Everything comes from the environment (``DAYBREAK_…``) or from the file that the local stack writes;
nothing is read at import. Secrets stay in ``SecretStr`` so that no log or traceback shows them.
"""

import json
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[2]
SQL_DIR = CHECKOUT / "include" / "sql"


class WarehouseNotConfigured(RuntimeError):
    """No warehouse address is known; says how to give one."""


class Settings(BaseSettings):
    """Typed view of the environment. Durations are in the unit that the name ends in."""

    model_config = SettingsConfigDict(env_prefix="DAYBREAK_", extra="ignore")

    home: Path = CHECKOUT / ".daybreak"
    warehouse_url: SecretStr | None = None
    accounts_file: Path | None = None
    own_events_file: Path | None = None
    landing_dir: Path | None = None
    reports_dir: Path | None = None
    logs_dir: Path | None = None
    airflow_database_url: SecretStr | None = None
    """Airflow's database, for its clean-up, where airflow.cfg does not name it: a task cannot read it otherwise."""
    airflow_url: str | None = None
    """Where Airflow's api-server answers; None: where the local stack started it."""
    airflow_user: str = "admin"
    airflow_password: SecretStr | None = None
    """Of ``airflow_user``; the local stack's own is known."""
    agency_time_zone: str = "Europe/Rome"
    watch_deadline: time = time(10, 30)
    """``daybreak watch`` calls a due day late from this time of the agency's day on: the last dawn run begins at
    10:15."""
    gap_days: Annotated[int, Field(ge=15, le=1460)] = 60
    """How far back a dawn run looks in the ledger for due days that are not published."""
    restatement_days: Annotated[int, Field(ge=1, le=15)] = 15
    """Amazon restates recent figures; this many newest due days are asked for anew each morning."""
    mart_days: Annotated[int, Field(ge=1, le=400)] = 15
    """How many days a dawn run rebuilds in each mart; maintenance does the rest."""
    extract_deadline_minutes: Annotated[int, Field(ge=1, le=600)] = 45
    repair_deadline_minutes: Annotated[int, Field(ge=1, le=1440)] = 360
    """How long one run of a repair waits for its reports, of which Amazon gives one a minute; the next goes on."""
    sweep_window_minutes: Annotated[int, Field(ge=1, le=230)] = 225
    """How long a sweep of offers asks before it lands what it has; a new one begins every four hours."""
    spapi_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    max_document_mebibytes: Annotated[int, Field(ge=1)] = 2048
    """A document that unpacks to more than this is refused: a bomb or a mistake, never a vendor report."""
    minimum_free_mebibytes: Annotated[int, Field(ge=0)] = 512
    """Landing refuses to start with less disk than this to spare."""

    smtp_connection_id: str = "smtp_default"
    """The Airflow connection of the mail server, with from_email in its extra."""
    on_call_recipients: tuple[str, ...] = ()
    """Who is told by mail of a red run; as JSON: ["oncall@example.com"]."""
    on_call_chat_connection_id: str | None = None
    """The Airflow connection (of type Apprise) of the chat that is told of a red run."""

    keep_daily_days: Annotated[int, Field(ge=735)] = 1460
    """Daily facts and forecasts: a mart's row of a year ago reads another year back, and Amazon gives 1,460 days."""
    keep_history_days: Annotated[int, Field(ge=60)] = 735
    """Former versions of facts, by the day they speak of: of older days nobody can tell what was known when."""
    keep_mart_days: Annotated[int, Field(ge=400)] = 1460
    keep_hourly_days: Annotated[int, Field(ge=7)] = 73
    """Real-time readings: an early drop of sales compares with 8 same weekdays; kept shorter, none is ever seen."""
    keep_snapshot_days: Annotated[int, Field(ge=30)] = 400
    """Looks at offers and pages."""
    keep_landing_days: Annotated[int, Field(ge=30)] = 760
    """Landed files: with these a figure of the last year leads to every document that it was made of. Their rows in the
    ledger stay."""
    keep_judgement_days: Annotated[int, Field(ge=30)] = 400
    """Gate results, quarantined rows and the days of loads that are over."""
    keep_blocked_days: Annotated[int, Field(ge=1)] = 14
    """Rows in staging and candidate that a gate holds back. A load can be released later, too: it is staged anew."""
    keep_log_days: Annotated[int, Field(ge=1)] = 30
    """Logs of tasks and of DAG files."""
    keep_airflow_days: Annotated[int, Field(ge=7)] = 90
    """Airflow's own records of runs and tasks, in its database."""
    largest_log_mebibytes: Annotated[int, Field(ge=1)] = 64
    """A log that a running program writes is put aside when it has grown larger."""
    rebuild_months: Annotated[int, Field(ge=0, le=600)] = 24
    """So many months of a mart of an account are built anew in one night of maintenance, the newest first."""
    partitions_ahead_months: Annotated[int, Field(ge=1, le=24)] = 3
    """So many months are ready before their first row comes: making one locks its table for a moment."""

    @model_validator(mode="after")
    def _what_is_asked_for_is_kept(self) -> "Settings":
        if self.gap_days > self.keep_daily_days:
            raise ValueError(
                f"DAYBREAK_GAP_DAYS is {self.gap_days} and DAYBREAK_KEEP_DAILY_DAYS {self.keep_daily_days}: "
                "days would be asked for and removed in turns; keep as many as are looked back"
            )
        return self

    def kept_days(self, kept: str) -> int:
        """For how many days rows of this kind (``daily``, ``hourly``, … as ``table.yml`` names it) are kept."""
        return int(getattr(self, f"keep_{kept}_days"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.agency_time_zone)

    @property
    def stack_file(self) -> Path:
        """What the local stack last started with: addresses, ports, passwords; readable by its owner only."""
        return self.home / "stack.json"

    @property
    def landing(self) -> Path:
        return self.landing_dir or self.home / "landing"

    @property
    def reports(self) -> Path:
        """The clients' reports, a folder per account and week."""
        return self.reports_dir or self.home / "reports"

    @property
    def logs(self) -> Path:
        """The logs of tasks (``tasks``, ``dag_files``) and of the stack's programs."""
        return self.logs_dir or self.home / "logs"

    @property
    def accounts_path(self) -> Path:
        """The operator's ``include/accounts.yml``, or the demo accounts that the local stack wrote."""
        if self.accounts_file is not None:
            return self.accounts_file
        own = CHECKOUT / "include" / "accounts.yml"
        return own if own.exists() else self.home / "accounts.yml"

    @property
    def shipped_events_path(self) -> Path:
        return CHECKOUT / "include" / "event_calendar.yml"

    @property
    def own_events_path(self) -> Path:
        """The operator's own events, which replace shipped ones; the file need not be there."""
        return self.own_events_file or CHECKOUT / "include" / "own_events.yml"

    def warehouse_dsn(self) -> str:
        """The warehouse as a ``postgresql://`` URL.

        Raises:
            WarehouseNotConfigured: neither ``DAYBREAK_WAREHOUSE_URL`` nor a started local stack is there.
        """
        if self.warehouse_url is not None:
            return self.warehouse_url.get_secret_value()
        try:
            return str(json.loads(self.stack_file.read_text())["warehouse_url"])
        except (FileNotFoundError, KeyError, json.JSONDecodeError):
            raise WarehouseNotConfigured(
                "no warehouse is configured: run 'make up' for the local one, or set DAYBREAK_WAREHOUSE_URL "
                "to a Postgres 17+ database (postgresql://user:password@host:5432/name)"
            ) from None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
