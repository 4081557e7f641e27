"""`fabmesh down`: ends what runs on a data folder, in the reverse order of its start."""

import argparse
import signal
from pathlib import Path
from typing import Any

from launcher.folder import DataFolder
from launcher.state import InstanceState, end_leftovers

# Agents, machines, workers and services, the edge, NATS and PostgreSQL one after the other, each with its grace.
_STOP_S = 240.0


def add_to(commands: Any) -> None:
    """Adds the command to argparse's subparsers."""
    parser = commands.add_parser("down", help="stop what runs on a data folder")
    parser.add_argument("--data", type=Path, default=Path(".fabmesh"), metavar="DIR", help="default: %(default)s")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Carries the command out; where nothing runs there is nothing to do, and that is well."""
    folder = DataFolder(given.data.resolve())
    state = InstanceState.load(folder.state)
    if state.running and state.supervisor is not None:
        state.supervisor.end(signal.SIGTERM, _STOP_S)
        state = InstanceState.load(folder.state)
        print(f"fabmesh on {folder.root} is down")
    elif ended := end_leftovers(state.parts.values()):
        print(f"its launcher was gone; ended what it had left: {', '.join(ended)}")
    else:
        print(f"nothing runs on {folder.root}")
    end_leftovers(state.parts.values())
    folder.state.unlink(missing_ok=True)
    folder.endpoints.unlink(missing_ok=True)
    return 0
