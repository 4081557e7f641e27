"""The command `fabmesh-hub`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub import __version__
from hub.errors import HubError

_BAD_INPUT = 2
_FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers the exit code (0 done, 1 failed, 2 bad input)."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except HubError as error:
        print(f"fabmesh-hub: {error}", file=sys.stderr)
        return _BAD_INPUT
    except OSError as error:
        print(f"fabmesh-hub: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fabmesh-hub", description="What runs in a hub, beside its machines.")
    parser.add_argument("--version", action="version", version=f"fabmesh-hub {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    agent = commands.add_parser("agent", help="connect this hub's machines to the network")
    agent.add_argument("--config", type=Path, required=True, metavar="hub.toml")
    agent.add_argument("--verbose", action="store_true", help="log more")
    agent.set_defaults(run=_agent)

    machine = commands.add_parser("machine", help="run a virtual machine")
    machine.add_argument("--config", type=Path, required=True, metavar="machine.toml")
    machine.add_argument("--verbose", action="store_true", help="log more")
    machine.set_defaults(run=_machine)

    ask = commands.add_parser("ask", help="ask a virtual machine something, or break it")
    ask.add_argument("address", help="host:port, or the machine's data folder")
    ask.add_argument("do", help="status, clear, fault, outcome, cancel, …")
    ask.add_argument("fields", nargs="*", metavar="name=value", help="for example: kind=fail fraction=0.4")
    ask.set_defaults(run=_ask)

    rehearse = commands.add_parser("rehearse", help="run a program through a virtual machine at once")
    rehearse.add_argument("program", type=Path)
    rehearse.add_argument("--model", default="prusa-mk4")
    rehearse.add_argument("--material", default="pla")
    rehearse.add_argument("--json", action="store_true", help="for programs")
    rehearse.set_defaults(run=_rehearse)

    journal = commands.add_parser("journal", help="show what an agent has in its journal")
    journal.add_argument("--config", type=Path, required=True, metavar="hub.toml")
    journal.set_defaults(run=_journal)
    return parser


def _agent(arguments: argparse.Namespace) -> int:
    from hub import logs, telemetry
    from hub.agent.service import run
    from hub.config import load_agent_config

    config = load_agent_config(arguments.config, os.environ)
    logs.start(verbose=arguments.verbose, trace_id=telemetry.current_trace_id)
    return asyncio.run(run(config))


def _machine(arguments: argparse.Namespace) -> int:
    from hub import logs
    from hub.simulator.server import run
    from hub.simulator.settings import load_machine_config

    config = load_machine_config(arguments.config)
    logs.start(verbose=arguments.verbose)
    asyncio.run(run(config))
    return 0


def _ask(arguments: argparse.Namespace) -> int:
    from hub.config import parse_address
    from hub.machine_port import MachinePort

    folder = Path(arguments.address)
    text = (folder / "address").read_text().strip() if folder.is_dir() else arguments.address
    host, port = parse_address(text, "address")
    request = {"do": arguments.do} | {
        name: _value(text) for name, _, text in (f.partition("=") for f in arguments.fields)
    }

    async def exchange() -> dict[str, Any]:
        machine = MachinePort(host, port)
        try:
            return await machine.ask(request, timeout_s=10)
        finally:
            await machine.close()

    print(json.dumps(asyncio.run(exchange()), indent=2, ensure_ascii=False))
    return 0


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _rehearse(arguments: argparse.Namespace) -> int:
    from hub.simulator.rehearsal import rehearse

    found = rehearse(arguments.program, arguments.model, material_id=arguments.material)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            if value not in ("", [], {}):
                print(f"{name.replace('_', ' '):<18} {value}")
    return 0 if found["outcome"] == "completed" else _FAILED


def _journal(arguments: argparse.Namespace) -> int:
    from hub.agent.journal import describe
    from hub.config import load_agent_config

    config = load_agent_config(arguments.config, os.environ)
    for line in describe(config.data_dir / "journal.jsonl"):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
