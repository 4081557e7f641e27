"""Keeps parts running: starts each after those it needs, starts it again when it dies, stops all in reverse order."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterable

from launcher.errors import LauncherError, StartError
from launcher.folder import DataFolder
from launcher.parts import Chore, Part, stop_waves
from launcher.probes import until_ready
from launcher.processes import ProcessIdentity, reap, spawn, tail
from launcher.state import InstanceState, PartState

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
# A part that died this often without ever being ready will not be.
HOPELESS = 5
# A part that ran this long was well: its next death is the first again.
STEADY_S = 15.0
_DARK_S = 0.5


class Supervisor:
    """Runs parts on a data folder, and tells how far it has come.

    Use it on the main thread: parts die with the thread that started them.
    """

    def __init__(self, folder: DataFolder, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._parts: dict[str, Part] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._ready: dict[str, asyncio.Event] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.state = InstanceState(supervisor=ProcessIdentity.of(os.getpid()))

    def phase(self, name: str, *, ready: bool = False) -> None:
        """Notes how far the instance has come."""
        self.state.phase, self.state.ready = name, ready
        self._save()
        self._tell(name)

    def add(self, parts: Iterable[Part]) -> None:
        """Starts parts, each once those that it comes after are ready."""
        for part in parts:
            self._parts[part.name] = part
            self._ready[part.name] = asyncio.Event()
            self.state.parts[part.name] = PartState.of(part)
            self._keepers[part.name] = asyncio.create_task(self._keep(part), name=f"keep {part.name}")
        self._save()

    async def ready(self, names: Iterable[str], timeout_s: float) -> None:
        """Waits until these parts are ready. Raises StartError with the log of one that is not."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        for name in names:
            event = asyncio.ensure_future(self._ready[name].wait())
            keeper = self._keepers[name]
            remaining = max(0.0, deadline - asyncio.get_running_loop().time())
            await asyncio.wait({event, keeper}, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            if not event.done():
                event.cancel()
                if keeper.done():
                    await keeper
                raise StartError(f"{name} is not ready after {timeout_s:.0f} s:\n{tail(self._folder.log(name))}")

    async def run(self, chore: Chore) -> None:
        """Runs a chore to its end. Raises StartError with the end of its log if that is not a good one."""
        log = self._folder.log(chore.name)
        start = log.stat().st_size if log.exists() else 0
        process = spawn(chore.argv, log=log, environment=chore.environment)
        try:
            async with asyncio.timeout(chore.timeout_s):
                code = await _end_of(process)
        except TimeoutError:
            process.kill()
            process.wait()
            raise StartError(f"{chore.name} did not end within {chore.timeout_s:.0f} s") from None
        except asyncio.CancelledError:
            process.terminate()
            raise
        if code != 0:
            said = log.read_bytes()[start:].decode(errors="replace").strip()[-2_000:]
            raise StartError(f"{chore.name} failed ({code}):\n{said}")

    async def stop(self) -> None:
        """Stops every part, those first on which no other depends."""
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        for wave in stop_waves([*self._parts.values()]):
            await asyncio.gather(*(asyncio.to_thread(self._end, part) for part in wave))
            for part in wave:
                self._note(part, process=None)

    async def _keep(self, part: Part) -> None:
        for name in part.after:
            await self._ready[name].wait()
        pause_s = FIRST_PAUSE_S
        while True:
            started = time.monotonic()
            try:
                await self._live(part)
            except (LauncherError, OSError) as error:
                self._complain(part, str(error))
            state = self.state.parts[part.name]
            state.restarts += 1
            if state.restarts >= HOPELESS and not self._ready[part.name].is_set():
                raise StartError(f"{part.name} does not start:\n{tail(self._folder.log(part.name))}")
            if time.monotonic() - started > STEADY_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _live(self, part: Part) -> None:
        """One life of a part, from its preparation to its end."""
        await _light(part)
        await asyncio.to_thread(part.prepare)
        log = self._folder.log(part.name)
        process = spawn(part.argv, log=log, environment=part.environment, death_signal=part.stop_signal)
        self._processes[part.name] = process
        self._note(part, process=ProcessIdentity.of(process.pid))
        if _is_dark(part):  # since: whoever darkened it may not have seen this process
            process.kill()
        announcer = asyncio.create_task(self._announce(part))
        try:
            await _end_of(process)
        finally:
            announcer.cancel()
        self._note(part, process=None)

    def _complain(self, part: Part, why: str) -> None:
        log = self._folder.log(part.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(f"fabmesh: {why}\n")

    async def _announce(self, part: Part) -> None:
        if part.ready is not None:
            await until_ready(part.ready)
        self.state.parts[part.name].ready = True
        self._ready[part.name].set()
        self._save()

    def _note(self, part: Part, *, process: ProcessIdentity | None) -> None:
        state = self.state.parts[part.name]
        state.process, state.ready = process, False
        self._save()

    def _end(self, part: Part) -> None:
        process = self._processes.get(part.name)
        if process is None or process.returncode is not None:
            return
        running = ProcessIdentity.of(process.pid)
        if running is not None:
            running.end(part.stop_signal, part.stop_s)
        reap(process)

    def _save(self) -> None:
        self.state.save(self._folder.state)


def _is_dark(part: Part) -> bool:
    return part.dark is not None and part.dark.exists()


async def _light(part: Part) -> None:
    """Waits while the part is to stay dark."""
    while True:
        if not _is_dark(part):
            return
        await asyncio.sleep(_DARK_S)


async def _end_of(process: subprocess.Popen[bytes]) -> int:
    """Waits for a child without a thread: its descriptor becomes readable when it ends."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return reap(process)
