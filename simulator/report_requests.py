"""createReport bodies read and accepted: what is refused at once, and what becomes a report that fails later."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.faults.armoury import Fault, Stage
from simulator.login import Credential
from simulator.refusals import invalid_input, parameters_missing, seller_report
from simulator.report_book import Fate, Report
from simulator.report_rules import RULES, choose_account, fatal_text
from simulator.report_windows import ReportRequest
from simulator.world.documents import has_data
from simulator.world.history import AccountWorld

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_DEFAULT_FATAL_TEXT = "The requested data is unavailable. Please try a different date range"


def read_request(body: bytes) -> ReportRequest:
    """The request that ``body`` holds; names it does not know are ignored, as Amazon does.

    Raises:
        Refusal: 400 for what Amazon refuses at once: no JSON, missing parameters, a report that is not a vendor's.
    """
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise invalid_input() from None
    if not isinstance(raw, dict):
        raise invalid_input()
    missing = [name for name in ("reportType", "marketplaceIds") if not raw.get(name)]
    if missing:
        raise parameters_missing(missing)
    report_type, marketplace_ids, options = raw["reportType"], raw["marketplaceIds"], raw.get("reportOptions") or {}
    if not _are_strings(marketplace_ids) or len(marketplace_ids) > 25 or not isinstance(report_type, str):
        raise invalid_input()
    if not isinstance(options, dict) or not _are_strings(list(options.values())):
        raise invalid_input()
    if report_type not in RULES:
        raise seller_report()
    return ReportRequest(
        report_type=report_type,
        options=tuple(options.items()),
        marketplace_ids=tuple(marketplace_ids),
        data_start=_instant(raw.get("dataStartTime")),
        data_end=_instant(raw.get("dataEndTime")),
    )


def peek_report_type(body: bytes) -> str | None:
    """The report type of a createReport body, if it can be read."""
    try:
        return msgspec.json.decode(body, type=_ReportTypeOnly).reportType
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


class _ReportTypeOnly(msgspec.Struct):
    reportType: str  # noqa: N815  Amazon's name


def accept(simulation: "Simulation", credential: Credential, request: ReportRequest) -> Report:
    """``request`` as a report in the queue, its outcome decided by the rules, the world's date and armed faults."""
    account = choose_account(credential.accounts, request.marketplace_ids)
    world = simulation.worlds.of(account)
    fault = simulation.armoury.strike(Stage.CREATION, "createReport", (account.account_id,), request.report_type)
    fate = _spoilt(fault) or _fate(world, request, simulation.clock.now())
    if fault is not None and fault.kind == "report_stuck":
        fate = replace(fate, is_stuck=True)
    return simulation.book.add(world.key, credential.key, account, request, fate)


def _fate(world: AccountWorld, request: ReportRequest, now: datetime) -> Fate:
    error_text = fatal_text(request, world.account, now)
    if error_text is not None:
        return Fate("FATAL", error_text=error_text)
    question = RULES[request.report_type].window.question(request, world.account, now)
    return Fate("DONE", question) if has_data(world, question) else Fate("CANCELLED")


def _spoilt(fault: Fault | None) -> Fate | None:
    if fault is None or fault.kind == "report_stuck":
        return None
    if fault.kind == "report_cancelled":
        return Fate("CANCELLED")
    return Fate("FATAL", error_text=fault.text or _DEFAULT_FATAL_TEXT)


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _instant(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise invalid_input() from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
