"""Finds what a command line names; a name that is not there is said together with those that are."""

import typer

from daybreak.accounts import Account, read_accounts
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.sources import Dataset


def chosen_account(settings: Settings, account_id: str) -> Account:
    """The account of that id.

    Raises:
        typer.BadParameter: there is none; the message lists the accounts.
    """
    accounts = {each.account_id: each for each in read_accounts(settings.accounts_path)}
    if account_id not in accounts:
        raise typer.BadParameter(f"{account_id} is not in {settings.accounts_path}; there are: {', '.join(accounts)}")
    return accounts[account_id]


def chosen_dataset(key: str) -> Dataset:
    """The dataset of that key.

    Raises:
        typer.BadParameter: there is none; the message lists the datasets.
    """
    if key not in DATASETS:
        raise typer.BadParameter(f"{key} is no dataset; there are: {', '.join(DATASETS)}")
    return DATASETS[key]
