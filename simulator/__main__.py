"""``python -m simulator serve``, ``describe``, ``truth`` and ``client-files``."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from simulator.client_files import write_client_files
from simulator.clock import Clock
from simulator.config import ConfigError, SimulatorConfig, read_config
from simulator.portrait import portray_all
from simulator.server import serve
from simulator.simulation import Worlds
from simulator.truth_api import USUAL_DAYS, TruthQuestion, UnknownAccountError


def _describe(config: SimulatorConfig) -> None:
    portraits = portray_all(config, Clock(config.clock.now).now())
    sys.stdout.write(json.dumps(portraits, indent=2) + "\n")


def _print_truth(config: SimulatorConfig, question: TruthQuestion) -> None:
    """One JSON object per line."""
    for fact in question.answer(question.accounts(config), Worlds(config), Clock(config.clock.now).now()):
        sys.stdout.write(json.dumps(fact.record(), ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A Selling Partner API of its own.")
    commands = parser.add_subparsers(dest="command", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", type=Path, required=True, help="YAML file, see simulator/config.py")
    serving = commands.add_parser("serve", parents=[shared], help="answer SP-API calls")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, required=True)
    commands.add_parser("describe", parents=[shared], help="print aggregate figures of the world beside real ones")
    truth = commands.add_parser("truth", parents=[shared], help="print what happened, one JSON object per line")
    truth.add_argument("--from", dest="first", type=date.fromisoformat, help=f"day; else {USUAL_DAYS} days before --to")
    truth.add_argument("--to", dest="last", type=date.fromisoformat, help="day; else yesterday")
    truth.add_argument("--account", help="account_id; else every account")
    files = commands.add_parser("client-files", parents=[shared], help="write what the clients hand their agency")
    files.add_argument("--out", type=Path, required=True, help="folder; each account has one of its own in it")
    files.add_argument("--at", type=datetime.fromisoformat, help="instant with its zone; else the world's present")
    files.add_argument("--most-watched", type=int, help="so many products have competitors; else all that could")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it went well, 2 when the configuration or the account cannot be used."""
    chosen = _parser().parse_args(arguments)
    try:
        config = read_config(chosen.config)
        if chosen.command == "describe":
            _describe(config)
        elif chosen.command == "truth":
            _print_truth(config, TruthQuestion(chosen.first, chosen.last, chosen.account))
        elif chosen.command == "client-files":
            at = chosen.at or Clock(config.clock.now).now()
            write_client_files(config, chosen.out, at, chosen.most_watched)
        else:
            serve(config, chosen.host, chosen.port)
    except (ConfigError, UnknownAccountError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
