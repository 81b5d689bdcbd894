"""``daybreak control``: what a person did about a line of the morning, with name and time."""

import getpass
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from daybreak.cli.output import Format, print_rows
from daybreak.settings import get_settings

if TYPE_CHECKING:
    from daybreak.warehouse.control_actions import KnownControl

HISTORY_COLUMNS = ("acted_at", "action_code", "actor_name", "asin", "note", "spend_amount", "follow_up_date")
ControlId = Annotated[str, typer.Argument(help="The control, as 'daybreak controls' names it.")]
Note = Annotated[str | None, typer.Option(help="What to remember of it, such as a case number.")]
By = Annotated[str | None, typer.Option(help="Who did it; default the system user.")]
Until = Annotated[
    datetime | None, typer.Option("--follow-up", formats=["%Y-%m-%d"], help="The day to look at it again.")
]
Spend = Annotated[str | None, typer.Option(help="What it costs, in the account's currency, such as 120.50.")]
Asins = Annotated[list[str] | None, typer.Option("--asin", help="One product of a line of many; may be repeated.")]

control_app = typer.Typer(help="What people did about a control.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(control_app, name="control")


@control_app.command("ack")
def ack(control_id: ControlId, note: Note = None, by: By = None, asin: Asins = None) -> None:
    """Somebody has seen it and takes it on."""
    _record(control_id, "acknowledged", note, by, asin)


@control_app.command("snooze")
def snooze(
    control_id: ControlId,
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The day on which it comes back.")],
    note: Note = None,
    by: By = None,
    asin: Asins = None,
) -> None:
    """It waits until a day."""
    _record(control_id, "snoozed", note, by, asin, follow_up=until)


@control_app.command("sent")
def sent(
    control_id: ControlId,
    note: Note = None,
    by: By = None,
    follow_up: Until = None,
    spend: Spend = None,
    asin: Asins = None,
) -> None:
    """The client, or Amazon by a case, has it; with what it would cost, it is proposed."""
    _record(control_id, "sent_to_client", note, by, asin, follow_up=follow_up, spend=spend)


@control_app.command("agree")
def agree(
    control_id: ControlId,
    note: Note = None,
    by: By = None,
    follow_up: Until = None,
    spend: Spend = None,
    asin: Asins = None,
) -> None:
    """The client agreed, to this cost."""
    _record(control_id, "agreed", note, by, asin, follow_up=follow_up, spend=spend)


@control_app.command("refuse")
def refuse(control_id: ControlId, note: Note = None, by: By = None, asin: Asins = None) -> None:
    """The client refused."""
    _record(control_id, "refused", note, by, asin)


@control_app.command("done")
def done(control_id: ControlId, note: Note = None, by: By = None, spend: Spend = None, asin: Asins = None) -> None:
    """It is done; still true a week later, it comes back."""
    _record(control_id, "done", note, by, asin, spend=spend)


@control_app.command("not-invited")
def not_invited(control_id: ControlId, note: Note = None, by: By = None, asin: Asins = None) -> None:
    """Amazon does not invite these products to Born to Run: all of the line, or those that --asin names."""
    _record(control_id, "not_invited", note, by, asin, each_product=True)


@control_app.command("history")
def history(
    control_id: ControlId, form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE
) -> None:
    """What people did about it so far, the oldest first."""
    from daybreak.accounts import read_accounts
    from daybreak.warehouse.control_actions import read_actions
    from daybreak.warehouse.engine import board_transaction

    known = _known_control(control_id)
    account_ids = [each.account_id for each in read_accounts(get_settings().accounts_path)]
    with board_transaction(account_ids) as connection:
        rows = [asdict(each) for each in read_actions(connection, [known.account_id], control_id)]
    print_rows(rows, HISTORY_COLUMNS, form, f"{known.account_id} {control_id}: {known.cause_code}")


def _record(
    control_id: str,
    action_code: str,
    note: str | None,
    by: str | None,
    asins: list[str] | None,
    *,
    follow_up: datetime | None = None,
    spend: str | None = None,
    each_product: bool = False,
) -> None:
    """Records one action about the control, or one for each product."""
    from daybreak.warehouse.control_actions import ControlAction, record_actions
    from daybreak.warehouse.engine import board_transaction

    amount = _amount(spend)
    actor = _actor(by)
    _refuse_past(follow_up)
    control = _known_control(control_id)
    products = _chosen_products(control, asins) or (control.asins if each_product else [])
    actions = [
        ControlAction(
            account_id=control.account_id,
            control_id=control_id,
            asin=asin,
            action_code=action_code,
            actor_name=actor,
            note=(note or "").strip() or None,
            spend_amount=amount,
            follow_up_date=None if follow_up is None else follow_up.date(),
        )
        for asin in products or (None,)
    ]
    with board_transaction([control.account_id]) as connection:
        record_actions(connection, actions)
    _rebuild_morning(control)
    about = f", of {', '.join(products)}" if products else ""
    typer.echo(f"{control.account_id} {control_id} ({control.cause_code}): {action_code} by {actor}{about}")


def _actor(by: str | None) -> str:
    actor = (getpass.getuser() if by is None else by).strip()
    if not actor:
        raise typer.BadParameter("--by must name who did it")
    return actor


def _refuse_past(follow_up: datetime | None) -> None:
    today = datetime.now(get_settings().zone).date()
    if follow_up is not None and follow_up.date() <= today:
        raise typer.BadParameter(f"{follow_up:%Y-%m-%d} is not after today ({today}); name a day to look at it again")


def _rebuild_morning(control: "KnownControl") -> None:
    """The morning that was answered shows the answer at once; the next ones do when they are built."""
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.mart_building import build_span

    spoken_of = control.control_date - timedelta(days=1)
    account = chosen_account(get_settings(), control.account_id)
    (built,) = build_span([account], "daily_control", spoken_of, spoken_of)
    if not built.is_published:
        typer.echo(f"recorded, but the list still shows it as before: {built.sentence}", err=True)


def _known_control(control_id: str) -> "KnownControl":
    from daybreak.accounts import read_accounts
    from daybreak.warehouse.control_actions import find_control
    from daybreak.warehouse.engine import board_transaction

    account_ids = [each.account_id for each in read_accounts(get_settings().accounts_path)]
    with board_transaction(account_ids) as connection:
        known = find_control(connection, account_ids, control_id)
    if known is None:
        raise typer.BadParameter(
            f"there is no control {control_id} of {', '.join(account_ids) or 'any account'}: "
            "'daybreak controls --format json' names the control_id of each line"
        )
    return known


def _chosen_products(control: "KnownControl", asins: list[str] | None) -> list[str]:
    strangers = [asin for asin in asins or () if asin not in control.asins]
    if strangers:
        raise typer.BadParameter(
            f"{', '.join(strangers)} is no product of {control.control_id}; it speaks of {', '.join(control.asins)}"
        )
    return list(dict.fromkeys(asins or ()))


def _amount(spend: str | None) -> Decimal | None:
    if spend is None:
        return None
    try:
        amount = Decimal(spend)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"--spend {spend} is no amount of money; write it as 120.50")
    return amount
