"""What the demo's clients hand their agency, loaded as a person would load it."""

from datetime import datetime

from daybreak.accounts import read_accounts
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.stack.demo_accounts import CLIENT_FILES, client_folder, write_client_files
from daybreak.steps.file_loading import load_file


def load_client_files(settings: Settings, instant: datetime) -> list[str]:
    """Afterwards the files of every demo client are written anew and published; returns, in words, what was refused.

    Raises:
        DemoNotWritten: the simulator could not write them.
    """
    write_client_files(settings)
    refused: list[str] = []
    for account in read_accounts(settings.accounts_path):
        for dataset_code, name in CLIENT_FILES.items():
            file = client_folder(settings, account.account_id) / name
            if file.exists():
                loaded = load_file(file, account, DATASETS[dataset_code], settings, received_at=instant)
                refused += [] if loaded.is_published else [loaded.sentence]
    return refused
