"""The supervisor with small real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from launcher.blackout import darken, relight
from launcher.errors import NotRunningError, StartError
from launcher.folder import DataFolder
from launcher.parts import Chore, Part
from launcher.ports import free_ports
from launcher.processes import ProcessIdentity, ProcessTree
from launcher.state import InstanceState
from launcher.supervisor import HOPELESS, Supervisor

pytestmark = pytest.mark.integration

LISTEN = """
import signal, socket, sys, threading
name, port, diary = sys.argv[1:]
def note(word):
    with open(diary, "a") as file:
        file.write(f"{word} {name}\\n")
def end(*_):
    note("stop")
    sys.exit()
signal.signal(signal.SIGTERM, end)
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(port)))
server.listen()
note("start")
while True:
    server.accept()
"""

SUPERVISE = """
import asyncio, pathlib, sys
from launcher.folder import DataFolder
from launcher.parts import Part
from launcher.supervisor import Supervisor

async def main():
    supervisor = Supervisor(DataFolder(pathlib.Path(sys.argv[1])), lambda _: None)
    supervisor.add([Part("sleeper", ["sleep", "300"])])
    await supervisor.ready(["sleeper"], 10)
    print("ready", flush=True)
    await asyncio.sleep(300)

asyncio.run(main())
"""


async def until(true: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
async def supervisor(folder: DataFolder) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(folder, lambda _: None)
    yield supervisor
    await supervisor.stop()


class Listeners:
    """Makes parts that listen, and reads what they noted about their lives."""

    def __init__(self, folder: DataFolder) -> None:
        self._diary = folder.root.parent / "diary"
        self._folder = folder

    def part(self, name: str, *after: str, dark: Path | None = None) -> Part:
        [port] = free_ports(1)
        argv = [sys.executable, "-c", LISTEN, name, str(port), str(self._diary)]
        return Part(name, argv, os.environ, port, f"tcp://127.0.0.1:{port}", after, dark=dark, stop_s=10)

    def diary(self) -> list[str]:
        return self._diary.read_text().splitlines()


@pytest.fixture
def listeners(folder: DataFolder) -> Listeners:
    return Listeners(folder)


def pid(supervisor: Supervisor, name: str) -> int | None:
    process = supervisor.state.parts[name].process
    return process.pid if process else None


async def test_parts_start_after_those_they_need_and_stop_before_them(
    supervisor: Supervisor, listeners: Listeners
) -> None:
    supervisor.add([listeners.part("c", "b"), listeners.part("b", "a"), listeners.part("a")])
    await supervisor.ready(["a", "b", "c"], 20)
    await supervisor.stop()
    assert listeners.diary() == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


async def test_a_part_that_dies_is_started_again(
    supervisor: Supervisor, listeners: Listeners, folder: DataFolder
) -> None:
    supervisor.add([listeners.part("a")])
    await supervisor.ready(["a"], 20)
    first = pid(supervisor, "a")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.state.parts["a"].restarts == 1 and supervisor.state.parts["a"].ready)
    assert pid(supervisor, "a") != first
    assert InstanceState.load(folder.state).parts["a"].process == supervisor.state.parts["a"].process


async def test_a_part_that_never_starts_is_said_with_its_log(supervisor: Supervisor) -> None:
    broken = Part("broken", ["sh", "-c", "echo no database; exit 3"], os.environ, ready="tcp://127.0.0.1:1")
    supervisor.add([broken])
    with pytest.raises(StartError, match=r"(?s)broken does not start.*no database"):
        await supervisor.ready(["broken"], 60)
    assert supervisor.state.parts["broken"].restarts == HOPELESS


async def test_a_part_that_is_never_ready_is_said(supervisor: Supervisor) -> None:
    supervisor.add([Part("slow", ["sleep", "300"], os.environ, ready="tcp://127.0.0.1:1")])
    with pytest.raises(StartError, match="slow is not ready after 0 s"):
        await supervisor.ready(["slow"], 0.3)


async def test_a_preparation_that_fails_is_said(supervisor: Supervisor) -> None:
    def fail() -> None:
        raise StartError("the disk is full")

    supervisor.add([Part("unprepared", ["sleep", "300"], os.environ, prepare=fail)])
    with pytest.raises(StartError, match="the disk is full"):
        await supervisor.ready(["unprepared"], 60)


async def test_a_stubborn_part_is_made_to_end(supervisor: Supervisor) -> None:
    supervisor.add(
        [Part("stubborn", ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], os.environ, stop_s=0.3)]
    )
    await supervisor.ready(["stubborn"], 10)
    process = supervisor.state.parts["stubborn"].process
    assert process is not None
    await asyncio.sleep(0.2)
    await supervisor.stop()
    assert not process.running


async def test_a_dark_part_is_killed_and_stays_dark_until_relit(
    supervisor: Supervisor, listeners: Listeners, folder: DataFolder
) -> None:
    supervisor.add([listeners.part("agent-altona", dark=folder.dark("altona")), listeners.part("other")])
    await supervisor.ready(["agent-altona", "other"], 20)
    other = pid(supervisor, "other")
    darken(folder, "altona")
    await until(lambda: pid(supervisor, "agent-altona") is None)
    await asyncio.sleep(1.0)
    assert pid(supervisor, "agent-altona") is None
    relight(folder, "altona")
    await until(lambda: supervisor.state.parts["agent-altona"].ready)
    assert pid(supervisor, "other") == other
    assert listeners.diary().count("start agent-altona") == 2


async def test_a_hub_that_does_not_run_cannot_be_darkened(supervisor: Supervisor, folder: DataFolder) -> None:
    supervisor.phase("ready", ready=True)
    with pytest.raises(NotRunningError):
        darken(folder, "altona")


async def test_a_chore_runs_to_its_end(supervisor: Supervisor, folder: DataFolder) -> None:
    await supervisor.run(Chore("migrate", ["sh", "-c", "echo $WORD"], {**os.environ, "WORD": "done"}))
    assert folder.log("migrate").read_text() == "done\n"


async def test_a_chore_that_fails_is_said_with_what_it_said_this_time(supervisor: Supervisor) -> None:
    await supervisor.run(Chore("migrate", ["echo", "an earlier run"], os.environ))
    with pytest.raises(StartError) as refusal:
        await supervisor.run(Chore("migrate", ["sh", "-c", "echo no such table; exit 2"], os.environ))
    assert str(refusal.value) == "migrate failed (2):\nno such table"


async def test_a_chore_that_hangs_is_ended(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match="did not end within 0 s"):
        await supervisor.run(Chore("hang", ["sleep", "300"], os.environ, timeout_s=0.2))


async def test_nothing_outlives_a_supervisor_that_is_killed(folder: DataFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", SUPERVISE, str(folder.root)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        sleeper = InstanceState.load(folder.state).parts["sleeper"].process
        assert sleeper is not None
        assert sleeper.running
        process.kill()
    assert sleeper.wait(10)


SPAWN_AND_DIE = """
import os, pathlib, signal, sys
from launcher.processes import spawn
child = spawn(["sleep", "300"], log=pathlib.Path(sys.argv[1]), environment=os.environ)
os.write(1, f"{child.pid}\\n".encode())
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_nor_does_what_was_being_started_when_it_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SPAWN_AND_DIE, str(tmp_path / "log")]
    for _ in range(8):
        done = subprocess.run(command, check=False, capture_output=True)
        child = ProcessIdentity.of(int(done.stdout))
        assert child is None or await asyncio.to_thread(child.wait, 10)


async def test_memory_counts_children(supervisor: Supervisor) -> None:
    block = f"{sys.executable} -c 'import time; block = bytearray(60_000_000); time.sleep(300)'"
    supervisor.add([Part("parent", ["sh", "-c", f"{block} & wait"], os.environ)])
    await supervisor.ready(["parent"], 10)
    process = supervisor.state.parts["parent"].process
    assert isinstance(process, ProcessIdentity)
    await until(lambda: ProcessTree().memory_mb(process.pid) > 60)
    assert ProcessTree().memory_mb(process.pid) < 120


async def test_what_a_part_leaves_behind_ends_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! >> {tmp_path}/child; wait"
    supervisor.add([Part("parent", ["sh", "-c", script], os.environ)])
    children = tmp_path / "child"
    await until(lambda: children.exists() and children.read_text().endswith("\n"))
    child = ProcessIdentity.of(int(children.read_text()))
    parent = pid(supervisor, "parent")
    assert child is not None
    assert parent is not None
    os.kill(parent, signal.SIGKILL)
    assert await asyncio.to_thread(child.wait, 10)
    await until(lambda: len(children.read_text().splitlines()) == 2)
    second = ProcessIdentity.of(int(children.read_text().split()[-1]))
    await supervisor.stop()
    assert second is not None
    assert second.wait(10)
