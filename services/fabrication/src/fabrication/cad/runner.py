"""Jobs in folders: each gets one of its own for its files, runs, and leaves what is worth keeping."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from fabrication.cad.isolation.limits import JobLimits
from fabrication.cad.protocol import Outcome, RunJob
from fabrication.cad.template_process import JobDied, JobTimedOut, TemplateProcess
from fabrication.domain.errors import CadFailed, CadRefused, RecordInvalid
from fabrication.domain.records import from_record

T = TypeVar("T")

SCRIPT_LIMITS = JobLimits(cpu_s=60)
OWN_LIMITS = JobLimits(cpu_s=900, file_bytes=1024**3)
KERNEL_CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGBUS, -signal.SIGILL)


class JobRunner:
    """Runs jobs side by side in children of one template, at most `slots` at once."""

    def __init__(self, folder: Path, slots: int) -> None:
        self._jobs = folder / "jobs"
        self._slots = asyncio.Semaphore(slots)
        self._template = TemplateProcess()

    async def start(self) -> None:
        """Warm the template; raises CadFailed."""
        self._jobs.mkdir(parents=True, exist_ok=True)
        await self._template.start()

    async def stop(self) -> None:
        """End the template and every child."""
        await self._template.stop()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A job's own folder, gone afterwards."""
        path = Path(tempfile.mkdtemp(dir=self._jobs))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    async def own(self, kind: str, folder: Path, arguments: Mapping[str, Any], timeout_s: float) -> Outcome:
        """Run a job of our own code, which may write into its folder; raises CadRefused, CadFailed."""
        job = RunJob(0, kind, str(folder), dict(arguments), OWN_LIMITS, trusted=True)
        async with self._slots:
            outcome = await self._template.run(job, timeout_s)
        if outcome.refused is not None:
            raise outcome.refused.as_error()
        return outcome

    async def script(
        self, folder: Path, arguments: Mapping[str, Any], python_path: Iterable[Path], timeout_s: float
    ) -> Outcome:
        """Run somebody's script; what it does wrong is a CadRefused (timeout, memory, kernel-crash …).

        A crash of the geometry kernel is tried a second time: two in a row are the design's.
        """
        job = RunJob(
            id=0,
            kind="build",
            folder=str(folder),
            arguments=dict(arguments),
            limits=SCRIPT_LIMITS,
            trusted=False,
            outputs=("solid.brep",),
            python_path=tuple(str(path) for path in python_path),
        )
        async with self._slots:
            for last in (False, True):
                try:
                    outcome = await self._template.run(job, timeout_s)
                except JobTimedOut as late:
                    raise CadRefused("timeout", f"the script did not end: {late}") from None
                except JobDied as died:
                    if last or died.ended.exit_code not in KERNEL_CRASHES:
                        raise _blamed(died) from None
                else:
                    break
        if outcome.refused is not None:
            raise outcome.refused.as_error()
        return outcome


def value_of(cls: type[T], outcome: Outcome) -> T:
    """The outcome's value as a record; raises CadFailed where it is none."""
    try:
        return from_record(cls, outcome.value)
    except RecordInvalid as fault:
        raise CadFailed(f"the job answered what it must not: {fault}") from None


def keep(source: Path, kept: Path, names: Iterable[str]) -> None:
    """Move files into the folder of their digest, all at once; who comes second leaves the first's."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as staging:
        staged = Path(staging) / "staged"
        staged.mkdir()
        for name in names:
            (source / name).rename(staged / name)
        with suppress(FileExistsError, OSError):
            os.rename(staged, kept)  # noqa: PTH104  # fails, as it shall, where the folder is there and not empty
    if not kept.is_dir():
        raise CadFailed(f"the results could not be kept in {kept}")


def _blamed(died: JobDied) -> CadRefused | CadFailed:
    ended = died.ended
    if ended.exit_code in KERNEL_CRASHES:
        return CadRefused("kernel-crash", "the script makes the geometry kernel crash")
    if ended.exit_code in (-signal.SIGXCPU, -signal.SIGKILL) and ended.cpu_s >= SCRIPT_LIMITS.cpu_s - 1:
        return CadRefused("timeout", f"the script takes more than {SCRIPT_LIMITS.cpu_s} s of processor time")
    if ended.exit_code > 0:
        return CadRefused("script-error", f"the script ended its process with {ended.exit_code}")
    return died
