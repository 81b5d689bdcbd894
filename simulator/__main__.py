"""``python -m simulator serve`` and ``python -m simulator describe``."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.clock import Clock
from simulator.config import ConfigError, SimulatorConfig, read_config
from simulator.portrait import portray_all
from simulator.server import serve


def _describe(config: SimulatorConfig) -> None:
    portraits = portray_all(config.accounts, config.seed, config.start_date, Clock(config.clock.now).now())
    sys.stdout.write(json.dumps(portraits, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it went well, 2 when the configuration cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A Selling Partner API of its own.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("serve", "answer SP-API calls"), ("describe", "print aggregate figures of the world")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--config", type=Path, required=True, help="YAML file, see simulator/config.py")
        if name == "serve":
            command.add_argument("--host", default="127.0.0.1")
            command.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args(arguments)
    try:
        config = read_config(chosen.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.command == "describe":
        _describe(config)
    else:
        serve(config, chosen.host, chosen.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
