"""`fabmesh demo`: a fresh mesh, orders, a lost hub, and the figures of how it went."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console

from launcher import down, up
from launcher.blackout import darken
from launcher.demo.run import Demo
from launcher.folder import DataFolder

_PLAIN_WIDTH = 150


def add_to(commands: Any) -> None:
    """Adds the command to argparse's subparsers."""
    parser = commands.add_parser("demo", help="order parts in a city of virtual hubs and lose a hub on the way")
    parser.add_argument("--data", type=Path, default=Path(".fabmesh/demo"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--report", type=Path, default=Path(".fabmesh/demo.json"), metavar="FILE")
    parser.add_argument("--keep", action="store_true", help="leave the mesh running afterwards")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Carries the command out; returns the exit code. Raises LauncherError with what fell short."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    folder = DataFolder(given.data.resolve())
    begin = argparse.Namespace(data=folder.root, hubs=None, workers=1, city=None, fresh=True, detach=True)
    up.run(begin)
    try:
        demo = Demo(folder.endpoints, lambda hub: darken(folder, hub), console)
        asyncio.run(demo.run(given.report.resolve()))
        _say_where_to_look(console, folder, given)
    finally:
        if not given.keep:
            down.run(argparse.Namespace(data=folder.root))
    return 0


def _say_where_to_look(console: Console, folder: DataFolder, given: argparse.Namespace) -> None:
    console.print("\n[bold green]Every part is ready for pickup.[/]")
    console.print(f"  figures of each order    {given.report}")
    console.print(f"  programs, solids, GLB    {_near(folder.artefacts)}")
    console.print(f"  logs of each part        {_near(folder.logs)}")
    console.print("  a mesh to play with      make up, then .venv/bin/fabmesh status")


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
