"""The worker's side of the template: starting it, giving it jobs, killing what takes too long, starting it again."""

import asyncio
import dataclasses
import json
import os
import sys
from pathlib import Path

from fabrication.cad.protocol import OUTCOME, JobEnded, KillJob, Outcome, Ready, RunJob
from fabrication.domain.errors import CadFailed, RecordInvalid
from fabrication.domain.records import from_record, to_record

START_S = 60.0
KILL_S = 10.0
OUTCOME_BYTES = 32 * 1024**2


class JobTimedOut(CadFailed):
    """The job did not end in the time it was given and was killed."""


class JobDied(CadFailed):
    """The child ended without an outcome."""

    def __init__(self, ended: JobEnded) -> None:
        super().__init__(_how(ended.exit_code))
        self.ended = ended


class TemplateProcess:
    """One warm template and the jobs it runs; safe to use from many tasks of one event loop.

    It must be started from a thread that lives as long as it shall: the kernel ends it with that thread.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[JobEnded]] = {}
        self._next_id = 0
        self._starting = asyncio.Lock()
        self.versions: dict[str, str] = {}

    @property
    def pid(self) -> int | None:
        """The template's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the template unless it runs; raises CadFailed where it cannot be started."""
        async with self._starting:
            if self.pid is not None:
                return
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "fabrication.cad.template",
                str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_clean_environment(),
                cwd="/",
            )
            ready = await self._hear_ready(self._process)
            self.versions = ready.versions
            self._listener = asyncio.create_task(self._listen(self._process))

    async def stop(self) -> None:
        """End the template and with it every child; jobs under way raise CadFailed."""
        process, listener = self._process, self._listener
        self._process = self._listener = None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
        if listener is not None:
            await listener

    async def run(self, job: RunJob, timeout_s: float) -> Outcome:
        """Run one job in a child of its own.

        Raises JobTimedOut, or CadFailed where the child or the template died. `job.id` is given here.
        """
        await self.start()
        self._next_id += 1
        job = dataclasses.replace(job, id=self._next_id)
        future: asyncio.Future[JobEnded] = asyncio.get_running_loop().create_future()
        self._waiting[job.id] = future
        try:
            await self._say(job)
            ended = await self._ended(job.id, future, timeout_s)
        finally:
            self._waiting.pop(job.id, None)
        return read_outcome(Path(job.folder), ended)

    async def _ended(self, job_id: int, future: asyncio.Future[JobEnded], timeout_s: float) -> JobEnded:
        try:
            return await asyncio.wait_for(asyncio.shield(future), timeout_s)
        except TimeoutError:
            await self._kill(job_id, future)
            raise JobTimedOut(f"it took longer than {timeout_s:g} s") from None
        except asyncio.CancelledError:
            await self._kill(job_id, future)
            raise

    async def _kill(self, job_id: int, future: asyncio.Future[JobEnded]) -> None:
        await self._say(KillJob(job_id))
        await asyncio.wait([future], timeout=KILL_S)

    async def _say(self, message: RunJob | KillJob) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise CadFailed("the CAD template is not running")
        try:
            process.stdin.write(json.dumps(to_record(message)).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise CadFailed("the CAD template died") from None

    async def _hear_ready(self, process: asyncio.subprocess.Process) -> Ready:
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_S)
            return from_record(Ready, json.loads(line))
        except (TimeoutError, json.JSONDecodeError, RecordInvalid):
            if process.returncode is None:
                process.kill()
            await process.wait()
            raise CadFailed("the CAD template did not start") from None

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            ended = from_record(JobEnded, json.loads(line))
            future = self._waiting.get(ended.id)
            if future is not None and not future.done():
                future.set_result(ended)
        await process.wait()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(CadFailed("the CAD template died"))


def read_outcome(folder: Path, ended: JobEnded) -> Outcome:
    """What the child wrote, taken as data only; raises CadFailed where it wrote nothing that can be read."""
    path = folder / OUTCOME
    if ended.exit_code != 0:
        raise JobDied(ended)
    try:
        if path.is_symlink() or path.stat().st_size > OUTCOME_BYTES:
            raise CadFailed("the job's outcome is not a file of a sensible size")
        outcome = from_record(Outcome, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, RecordInvalid) as fault:
        raise CadFailed(f"the job left no readable outcome: {fault}") from None
    if outcome.crashed is not None:
        raise CadFailed(f"the job crashed:\n{outcome.crashed}")
    return outcome


def _how(exit_code: int) -> str:
    if exit_code < 0:
        return f"the job was ended by signal {-exit_code}"
    return f"the job ended with {exit_code}"


def _clean_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", **kept}
