"""`fabmesh up`: brings an instance up and keeps it running, in the foreground or behind a terminal."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from launcher.city import load_city
from launcher.errors import LauncherError, SettingsError
from launcher.folder import DataFolder
from launcher.instance import Instance, Wishes
from launcher.processes import ProcessIdentity
from launcher.progress import Progress
from launcher.state import InstanceState, end_leftovers
from launcher.supervisor import Supervisor

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_S = 0.1
_STOP_S = 180.0


def add_to(commands: Any) -> None:
    """Adds the command to argparse's subparsers."""
    parser = commands.add_parser("up", help="start everything and keep it running")
    parser.add_argument("--data", type=Path, default=Path(".fabmesh"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--hubs", type=int, metavar="N", help="only the first N hubs of the city")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="CAD workers (default: %(default)s)")
    parser.add_argument("--city", type=Path, metavar="FILE", help="another city than the one that comes with fabmesh")
    parser.add_argument("--fresh", action="store_true", help="forget what the data folder holds first")
    parser.add_argument("--detach", action="store_true", help="return once everything is ready, and leave it running")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Carries the command out; returns the exit code. Raises LauncherError."""
    folder = DataFolder(given.data.resolve())
    folder.require_ours()
    if given.workers < 0:
        raise SettingsError("there cannot be fewer than no workers")
    wishes = Wishes(load_city(given.city).first(given.hubs), given.workers)
    if given.fresh and {"DATABASE_URL", "FABMESH_NATS_URL"} & set(os.environ):
        raise SettingsError("--fresh forgets our own servers' data; DATABASE_URL or FABMESH_NATS_URL names another's")
    with Progress() as progress:
        if given.detach:
            return _detached(folder, given, progress)
        with folder.held():
            end_leftovers(InstanceState.load(folder.state).parts.values())
            if given.fresh:
                folder.forget()
            asyncio.run(_supervise(folder, wishes, progress))
    return 0


async def _supervise(folder: DataFolder, wishes: Wishes, progress: Progress) -> None:
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    supervisor = Supervisor(folder, progress.phase)
    instance = Instance(folder, wishes, supervisor)
    rising = asyncio.create_task(instance.bring_up())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({rising, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if rising.done():
            rising.result()
            progress.done(f"fabmesh is ready at {instance.edge_url}, keys and addresses in {folder.endpoints}")
            await stopping
    finally:
        rising.cancel()
        await asyncio.gather(rising, return_exceptions=True)
        supervisor.phase("stopping")
        await supervisor.stop()
        folder.endpoints.unlink(missing_ok=True)
        folder.state.unlink(missing_ok=True)


def _detached(folder: DataFolder, given: argparse.Namespace, progress: Progress) -> int:
    with folder.held():
        pass
    arguments = ["--data", str(folder.root), "--workers", str(given.workers)]
    arguments += ["--hubs", str(given.hubs)] if given.hubs is not None else []
    arguments += ["--city", str(given.city.resolve())] if given.city else []
    arguments += ["--fresh"] if given.fresh else []
    said = folder.said
    with said.open("wb") as sink:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "launcher.cli", "up", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    try:
        _watch(folder, supervisor, progress)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait(_STOP_S)
        raise
    if supervisor.returncode is not None:
        words = said.read_text(errors="replace").strip().removeprefix("fabmesh: ")
        raise LauncherError(words or "the supervisor ended and said nothing")
    progress.done(f"fabmesh is ready, keys and addresses in {folder.endpoints}; `fabmesh down` ends it")
    return 0


def _watch(folder: DataFolder, supervisor: subprocess.Popen[bytes], progress: Progress) -> None:
    """Returns once the instance is ready, or its supervisor has ended."""
    identity = ProcessIdentity.of(supervisor.pid)
    while supervisor.poll() is None:
        state = InstanceState.load(folder.state)
        if state.supervisor == identity:
            progress.phase(state.phase)
            if state.ready:
                return
        time.sleep(_POLL_S)
