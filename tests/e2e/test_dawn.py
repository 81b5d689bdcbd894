"""A dawn on a real scheduler: what a manager, an analyst and the engineer on call may rely on."""

import contextlib
import os
import secrets
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import psycopg
import pytest

from daybreak.stack import local
from daybreak.stack.processes import session_members

if TYPE_CHECKING:
    from daybreak.stack.airflow_api import TaskState
    from tests.e2e.conftest import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

ACCOUNTS = {"Demo Italy", "Demo Germany", "Demo France"}
STEPS = ("extract", "gate_facts", "publish_facts", "build_marts")
DATASETS = ("sales_daily", "inventory_daily", "traffic_daily")


def control(running: "RunningStack", method: str, path: str, json: Any = None) -> Any:
    headers = {"x-control-token": running.control_token}
    answer = httpx.request(
        method, f"{running.simulator_url}/control{path}", headers=headers, json=json, trust_env=False
    )
    return answer.raise_for_status().json()


def start_dawn(running: "RunningStack", **conf: Any) -> str:
    run_id = f"test__{secrets.token_hex(4)}"
    running.api.trigger("daily_controls", run_id, datetime.now(UTC), conf)
    return run_id


def end_of(running: "RunningStack", run_id: str) -> str:
    return running.api.wait_for_run("daily_controls", run_id, 400)


def tasks_of(running: "RunningStack", run_id: str) -> list["TaskState"]:
    return running.api.task_instances("daily_controls", run_id)


def log_of(running: "RunningStack", run_id: str, task: "TaskState") -> str:
    return "\n".join(line.text for line in running.api.log_lines("daily_controls", run_id, task))


def rows(running: "RunningStack", query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(running.warehouse_url, options="-c role=daybreak_owner") as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def asked_twice(running: "RunningStack") -> list[tuple[Any, ...]]:
    """Reports that Amazon was asked for and that the ledger does not have.

    One that Amazon cancelled for want of data is left out: whoever looks for a lost report asks for such a one anew,
    since it may be another application's (see ``ReportDesk.find_lost``).
    """
    known = {row[0] for row in rows(running, "select amazon_report_id from ops.report_request")}
    return [
        (report["account_id"], report["report_type"], report["data_start_date"])
        for report in control(running, "GET", "/state")["reports"]
        if report["report_id"] not in known and report["processing_status"] != "CANCELLED"
    ]


def unpause(running: "RunningStack", dag_id: str = "daily_controls") -> str:
    """Afterwards the DAG is scheduled; the run of the newest tick, which the scheduler then makes by itself."""
    running.api.wait_for_dag(dag_id)
    running.api.unpause(dag_id)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if run_id := running.api.running_run(dag_id):
            return run_id
        time.sleep(0.2)  # the scheduler looks about once a second; a tighter loop would only load the api-server
    pytest.fail("the scheduler made no run of the newest tick")


@pytest.fixture(scope="module")
def first_dawn(running_stack: "RunningStack") -> str:
    """The first morning of three accounts, in which Amazon gives up on Germany's sales: the scheduler's own run."""
    control(
        running_stack,
        "POST",
        "/faults",
        [
            {
                "kind": "report_fatal",
                "account_id": "demo_de",
                "report_type": "GET_VENDOR_SALES_REPORT",
                "times": 100,
                "text": "The moon is in the wrong house.",
            }
        ],
    )
    run_id = unpause(running_stack)
    end_of(running_stack, run_id)
    control(running_stack, "DELETE", "/faults")
    return run_id


def test_one_accounts_failure_leaves_the_others_whole_and_the_verdict_names_it(
    running_stack: "RunningStack", first_dawn: str
) -> None:
    assert end_of(running_stack, first_dawn) == "failed"
    states = {(task.label, task.task_id.removeprefix("morning.")): task for task in tasks_of(running_stack, first_dawn)}
    for account in ACCOUNTS:
        for step in STEPS:
            expected = "failed" if (account, step) == ("Demo Germany", "extract") else "success"
            assert states[account, step].state == expected, (account, step)
    counted = (
        "select account_id, count(*) from ops.slice "
        "where dataset_code in ('sales_daily', 'inventory_daily', 'traffic_daily') group by 1"
    )
    published = dict(rows(running_stack, counted))  # type: ignore[arg-type]
    days = running_stack.settings.gap_days
    assert published == {"demo_it": 3 * days, "demo_fr": 3 * days, "demo_de": 2 * days}
    verdict = next(task for task in tasks_of(running_stack, first_dawn) if task.task_id == "verdict")
    assert verdict.state == "failed"
    told = log_of(running_stack, first_dawn, verdict)
    assert "demo_de sales_daily MANUFACTURING: due and missing" in told
    assert "The moon is in the wrong house." in told


def test_extraction_waits_deferred_and_holds_no_worker(running_stack: "RunningStack", first_dawn: str) -> None:
    for task in tasks_of(running_stack, first_dawn):
        if task.task_id == "morning.extract":
            told = log_of(running_stack, first_dawn, task)
            assert "going on with" in told
            assert task.started_at is not None
            assert task.ended_at is not None
            assert (task.ended_at - task.started_at).total_seconds() >= 15


def test_a_gate_finds_great_expectations_preloaded(running_stack: "RunningStack", first_dawn: str) -> None:
    gates = [task for task in tasks_of(running_stack, first_dawn) if task.task_id == "morning.gate_facts"]
    assert len(gates) == 3
    for task in gates:
        assert "Great Expectations was preloaded" in log_of(running_stack, first_dawn, task)


def test_the_next_run_fills_the_gap_by_itself_and_is_green(running_stack: "RunningStack", first_dawn: str) -> None:
    run_id = start_dawn(running_stack)
    assert end_of(running_stack, run_id) == "success"
    # The first dawn is the run of the scheduler's newest tick, which after midnight stands for the day before: what it
    # loaded and this run no longer owes lies before the gap.
    gap_days = running_stack.settings.gap_days
    counted = (
        "select account_id, count(*) from ops.slice as s "
        "where dataset_code in ('sales_daily', 'inventory_daily', 'traffic_daily') and business_date > "
        f"(select max(business_date) from ops.slice where dataset_code = s.dataset_code) - {gap_days} group by 1"
    )
    published = dict(rows(running_stack, counted))  # type: ignore[arg-type]
    assert published == dict.fromkeys(("demo_it", "demo_de", "demo_fr"), 3 * gap_days)
    days = rows(
        running_stack,
        "select account_id, count(distinct business_date) from mart.stock_coverage_daily where business_date > "
        "(select max(business_date) from mart.stock_coverage_daily) - 15 group by 1",
    )
    assert sorted(days) == [("demo_de", 15), ("demo_fr", 15), ("demo_it", 15)]
    kept = rows(running_stack, "select account_id, max(sequence) from ops.morning group by 1 order by 1")
    assert [account for account, _ in kept] == ["demo_de", "demo_fr", "demo_it"]


def test_a_run_that_owes_nothing_maps_nobody_and_is_green(running_stack: "RunningStack", first_dawn: str) -> None:
    run_id = start_dawn(running_stack)
    assert end_of(running_stack, run_id) == "success"
    mapped = {task.state for task in tasks_of(running_stack, run_id) if task.task_id.startswith("morning.")}
    assert mapped <= {"skipped", None}


def every_row(running: "RunningStack") -> dict[str, list[tuple[Any, ...]]]:
    tables = [f"core.{dataset}" for dataset in DATASETS] + ["mart.stock_coverage_daily"]
    return {table: sorted(rows(running, f"select t::text, xmin::text from {table} as t")) for table in tables}


def test_asking_again_the_same_morning_changes_no_row(running_stack: "RunningStack", first_dawn: str) -> None:
    before = every_row(running_stack)
    run_id = start_dawn(running_stack, refetch=True)
    assert end_of(running_stack, run_id) == "success"
    assert len(before["core.sales_daily"]) > 500
    assert every_row(running_stack) == before


def wait_for_requests(running: "RunningStack", run_id: str) -> None:
    deadline = time.monotonic() + 120
    query = f"select count(*) from ops.report_request where run_id = '{run_id}' and amazon_report_id is not null"
    while rows(running, query)[0][0] < 3 and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.parametrize("victim", ["scheduler", "triggerer"])
def test_a_component_killed_while_reports_are_awaited_is_started_anew_and_nothing_is_asked_twice(
    running_stack: "RunningStack", first_dawn: str, victim: str
) -> None:
    run_id = start_dawn(running_stack, refetch=True)
    wait_for_requests(running_stack, run_id)
    component = local.component_of(running_stack.settings, victim)
    assert component.session is not None
    for process in session_members(component.session):
        os.kill(process.pid if isinstance(process, psutil.Process) else process, signal.SIGKILL)
    running_stack.up()
    assert end_of(running_stack, run_id) == "success"
    requests = rows(
        running_stack,
        f"select status_code, count(*) from ops.report_request where run_id = '{run_id}' "
        "and dataset_code in ('sales_daily', 'inventory_daily', 'traffic_daily') group by 1",
    )
    assert requests == [("done", 9)]
    assert asked_twice(running_stack) == []


def process_talking_to_amazon(running: "RunningStack") -> psutil.Process:
    """The task process that waits for an answer of the simulator."""
    port = httpx.URL(running.simulator_url).port
    session = local.component_of(running.settings, "scheduler").session
    assert session is not None
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for process in session_members(session):
            with contextlib.suppress(psutil.Error):
                if any(link.raddr and link.raddr.port == port for link in process.net_connections("tcp")):
                    return process
        time.sleep(0.05)
    pytest.fail("no task talked to the simulator")


def test_a_task_killed_while_amazon_answers_is_retried_and_adopts_the_report_it_had_asked_for(
    running_stack: "RunningStack", first_dawn: str
) -> None:
    slow = {
        "kind": "slow_body",
        "operation": "createReport",
        "report_type": "GET_VENDOR_SALES_REPORT",
        "account_id": "demo_it",
        "seconds": 60,
        "times": 1,
    }
    control(running_stack, "POST", "/faults", [slow])
    before = {report["report_id"] for report in control(running_stack, "GET", "/state")["reports"]}
    run_id = start_dawn(running_stack, refetch=True)
    deadline = time.monotonic() + 120
    while control(running_stack, "GET", "/state")["faults"] and time.monotonic() < deadline:
        time.sleep(0.05)
    # The others' tasks end deferred; while Amazon trickles its answer to Italy's, only that one has a connection.
    others = (
        f"select count(*) from ops.report_request where run_id = '{run_id}' "
        "and account_id <> 'demo_it' and status_code = 'asked'"
    )
    while rows(running_stack, others) != [(0,)] and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3)
    process_talking_to_amazon(running_stack).kill()
    assert end_of(running_stack, run_id) == "success"
    tries = {t.label: t.try_number for t in tasks_of(running_stack, run_id) if t.task_id == "morning.extract"}
    assert max(tries.values()) >= 2
    asked = [r for r in control(running_stack, "GET", "/state")["reports"] if r["report_id"] not in before]
    ((requested,),) = rows(
        running_stack,
        f"select count(*) from ops.report_request where run_id = '{run_id}' "
        "and dataset_code not in ('featured_offer_loss_daily', 'purchase_order_line', 'content_snapshot')",
    )
    assert len(asked) == requested >= 9
    assert asked_twice(running_stack) == []


def test_every_mart_cell_can_be_walked_to_the_landed_document(running_stack: "RunningStack", first_dawn: str) -> None:
    walked = rows(
        running_stack,
        "select m.asin, d.path from mart.stock_coverage_daily as m "
        "join ops.account as a on a.account_id = m.account_id "
        "join core.inventory_daily as i on i.account_id = m.account_id and i.asin = m.asin "
        "and i.business_date = (m.stock_as_of_at at time zone a.time_zone)::date - 1 "
        "join ops.load as l on l.account_id = i.account_id and l.load_id = i.load_id "
        "join ops.document as d on d.account_id = l.account_id and d.document_id = l.document_id "
        "where m.stock_source_code = 'vendor_report' limit 50",
    )
    assert len(walked) == 50
    for _, path in walked:
        assert (running_stack.settings.landing / path).exists()


def test_a_monday_reports_what_is_there_and_its_verdict_names_what_lacks_of_each_account(
    running_stack: "RunningStack", first_dawn: str
) -> None:
    run_id = unpause(running_stack, "weekly_buy_box")
    # Nobody swept the offers of this stack: each account's week has a report all the same, and the verdict says so.
    assert running_stack.api.wait_for_run("weekly_buy_box", run_id, 300) == "failed"
    tasks = running_stack.api.task_instances("weekly_buy_box", run_id)
    states = {(task.label, task.task_id): task for task in tasks}
    for account in ACCOUNTS:
        for step in ("check_coverage", "build_week", "keep_report"):
            assert states[account, f"weeks.{step}"].state == "success", (account, step)
    verdict = next(task for task in tasks if task.task_id == "verdict")
    told = "\n".join(line.text for line in running_stack.api.log_lines("weekly_buy_box", run_id, verdict))
    for account_id in ("demo_it", "demo_de", "demo_fr"):
        assert f"{account_id} week to " in told
    assert "nobody looked at the offers on" in told
    kept = rows(running_stack, "select account_id, page_path, workbook_path from ops.client_report")
    assert {account_id for account_id, *_ in kept} == {"demo_it", "demo_de", "demo_fr"}
    for _, page, workbook in kept:
        assert "<h1>Demo" in (running_stack.settings.reports / page).read_text()
        assert (running_stack.settings.reports / workbook).stat().st_size > 5000


def test_a_night_of_maintenance_does_every_step_and_cleans_airflows_own_records(running_stack: "RunningStack") -> None:
    run_id = unpause(running_stack, "maintain_warehouse")
    ended = running_stack.api.wait_for_run("maintain_warehouse", run_id, 300)
    found = running_stack.api.task_instances("maintain_warehouse", run_id)
    tasks = {task.task_id: task.state for task in found}
    told = [
        line.text
        for task in found
        if task.state == "failed"
        for line in running_stack.api.log_lines("maintain_warehouse", run_id, task)
    ]
    steps = {"months", "leftovers", "landing", "requests", "rebuilds", "statistics", "logs", "clean_airflow", "verdict"}
    assert tasks == dict.fromkeys(steps, "success"), "\n".join(told)
    assert ended == "success"
