"""What is wrong with a run's sweeps, by account, with what was left out and why."""

from collections.abc import Mapping, Sequence

import psycopg

from daybreak.warehouse.sweeps import (
    SweepGap,
    SweepRequest,
    read_gaps_of_run,
    read_sweeps_of_run,
    read_troubles_of_run,
)

REFUSED_SHARE_LIMIT = 0.05
"""Amazon refuses single products for good, such as ones that left the store; above this share something is wrong."""
_SHOWN = 20


class SweepIncomplete(RuntimeError):
    """A sweep failed or left products out; the message names all of it."""


def judge_run(connection: psycopg.Connection, run_id: str, skipped: Mapping[str, str]) -> str:
    """One sentence when every sweep of the run saw what it planned. ``skipped``: by account why it is not swept.

    Raises:
        SweepIncomplete: as :func:`judge_sweeps`.
    """
    return judge_sweeps(
        read_sweeps_of_run(connection, run_id),
        read_gaps_of_run(connection, run_id),
        read_troubles_of_run(connection, run_id),
        skipped,
    )


def judge_sweeps(
    sweeps: Sequence[SweepRequest], gaps: Sequence[SweepGap], troubles: Sequence[str], skipped: Mapping[str, str]
) -> str:
    """One sentence about what was seen, what Amazon refused of it, and which accounts are not swept.

    Raises:
        SweepIncomplete: a sweep failed, but not for a role that the account lacks, is not finished or was not
            published, left out products that its window did not reach, or was refused more than 5 % of them.
    """
    red = [*troubles, *(_unfinished(each) for each in sweeps if each.status_code != "done" and not each.is_denied)]
    told: list[str] = []
    for gap in gaps:
        (red if _is_grave(gap, sweeps, gaps) else told).append(describe_gap(gap))
    if red:
        lines = "\n  ".join(red)
        raise SweepIncomplete(
            f"{len(red)} sweeps or parts of them are missing:\n  {lines}\n"
            "What was seen is published. Nothing need be repeated: the next sweep looks at what is due then."
        )
    seen = sum(each.published_row_count or 0 for each in sweeps)
    accounts = len({each.account_id for each in sweeps if not each.is_denied})
    told += [f"{account_id} is not swept: {reason}" for account_id, reason in skipped.items()]
    return "; ".join([f"{seen} products of {accounts} accounts were seen", *told])


def _is_grave(gap: SweepGap, sweeps: Sequence[SweepRequest], gaps: Sequence[SweepGap]) -> bool:
    if gap.reason_code == "not_reached":
        return True
    seen = sum(each.published_row_count or 0 for each in sweeps if each.request_id == gap.request_id)
    left_out = sum(each.asin_count for each in gaps if each.request_id == gap.request_id)
    return gap.asin_count > REFUSED_SHARE_LIMIT * (seen + left_out)


def _unfinished(sweep: SweepRequest) -> str:
    state = "failed" if sweep.status_code == "failed" else "is not finished"
    why = f": {sweep.reason}" if sweep.reason else ""
    return f"{sweep.account_id} sweep {sweep.variant_code} of {sweep.window_start_date} {state}{why}"


def describe_gap(gap: SweepGap) -> str:
    """How many products the sweep left out, why, and the first of them."""
    shown = ", ".join(gap.asins[:_SHOWN]) + (", …" if gap.asin_count > len(gap.asins) else "")
    how = "did not reach" if gap.reason_code == "not_reached" else "was refused"
    return (
        f"{gap.account_id} sweep {gap.variant_code} of {gap.window_start_date} {how} {gap.asin_count} products "
        f"({gap.reason}): {shown}"
    )
