"""``python -m simulator describe`` prints what a world looks like."""

import json
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main

from .conftest import MakeAccount


def test_the_portrait_names_shares_shapes_and_restatement(
    tmp_path: Path, make_account: MakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account = make_account(asins=80)
    secrets = {name: getattr(account, name).get_secret_value() for name in ("client_secret", "refresh_token")}
    configuration = {
        "seed": 7,
        "start_date": "2025-09-01",
        "clock": {"now": "2026-11-23T04:15:00Z"},
        "control_token": secrets["refresh_token"],
        "accounts": [account.model_dump(mode="json") | secrets],
    }
    path = tmp_path / "simulator.yml"
    path.write_text(yaml.safe_dump(configuration))
    assert main(["describe", "--config", str(path)]) == 0
    printed = capsys.readouterr().out
    (portrait,) = json.loads(printed)
    assert portrait["account_id"] == "demo_it"
    assert 0 < portrait["out_of_stock_share"] < 0.15
    assert 0.3 < portrait["zero_sales_share"] < 0.8
    assert 0 < portrait["restatement_of_ordered_units"] < 0.1
    assert portrait["weekday_shape"]["Mon"] > portrait["weekday_shape"]["Sat"]
    assert portrait["month_shape"]["11"] > portrait["month_shape"]["06"]
    assert not any(secret in printed for secret in secrets.values())


def test_a_missing_configuration_ends_with_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "--config", str(tmp_path / "none.yml")]) == 2
    assert "is missing" in capsys.readouterr().err
