"""`fabmesh status`: what runs, where, whether it can work, and what memory it takes."""

import argparse
import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from launcher.folder import DataFolder
from launcher.probes import is_ready
from launcher.processes import ProcessTree
from launcher.state import InstanceState, PartState

NOT_RUNNING = 3


@dataclass(frozen=True)
class PartReport:
    """One part now. `memory_mb` (10⁶ bytes) is its proportional set size, its children included."""

    name: str
    pid: int | None
    port: int | None
    ready: bool
    restarts: int
    memory_mb: float


@dataclass(frozen=True)
class Report:
    """An instance now; it is ready when all of it was brought up and each part can work."""

    data: str
    running: bool
    phase: str
    ready: bool
    memory_mb: float
    parts: list[PartReport]


def add_to(commands: Any) -> None:
    """Adds the command to argparse's subparsers."""
    parser = commands.add_parser("status", help="show every part, its port, readiness and memory")
    parser.add_argument("--data", type=Path, default=Path(".fabmesh"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Carries the command out. Exit codes: 0 something runs, 3 nothing does."""
    report = asyncio.run(look(DataFolder(given.data.resolve())))
    if given.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _show(report)
    return 0 if report.running else NOT_RUNNING


async def look(folder: DataFolder) -> Report:
    """Asks every part that the supervisor has written down."""
    state = InstanceState.load(folder.state)
    tree = ProcessTree()
    parts = list(await asyncio.gather(*(_look_at(part, tree) for part in state.parts.values())))
    return Report(
        data=str(folder.root),
        running=state.running,
        phase=state.phase,
        ready=state.running and state.ready and all(part.ready for part in parts),
        memory_mb=round(sum(part.memory_mb for part in parts), 1),
        parts=parts,
    )


async def _look_at(part: PartState, tree: ProcessTree) -> PartReport:
    pid = part.process.pid if part.process is not None and part.process.running else None
    ready = pid is not None and (part.ready if part.ready_at is None else await is_ready(part.ready_at))
    memory_mb = round(tree.memory_mb(pid), 1) if pid is not None else 0.0
    return PartReport(part.name, pid, part.port, ready, part.restarts, memory_mb)


def _show(report: Report) -> None:
    if not report.running:
        print(f"nothing runs on {report.data}")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("part", "pid", "port", "ready", "restarts", "memory MB"):
        table.add_column(column, justify="left" if column == "part" else "right")
    for part in report.parts:
        figures = (part.pid or "-", part.port or "-", "yes" if part.ready else "no", part.restarts, part.memory_mb)
        table.add_row(part.name, *map(str, figures))
    table.add_row("", "", "", "yes" if report.ready else "no", "", str(report.memory_mb))
    Console(highlight=False).print(table)
