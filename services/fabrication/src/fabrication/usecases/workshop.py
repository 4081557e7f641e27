"""CAD work with patience: crashes are tried again a bounded number of times, then held against the design.

A worker that cannot even start is nobody's design's fault: that is CadAway, and the work waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from opentelemetry import trace

from fabrication.domain.errors import CadFailed, CadRefused, FabricationError
from fabrication.domain.findings import Finding, Severity
from fabrication.usecases.cad import Cad

T = TypeVar("T")
log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.fabrication")

ATTEMPTS = 3
CRASHED = "cad-worker-crashed"
_START_AGAIN_S = 2.0
_LOOK_S = 30.0
_KEEP_S = 3600.0
_FINISH_S = 12.0
"""How long work in hand may go on once the process is to stop."""


class CadAway(FabricationError):
    """CAD work cannot be done here now; later, or in another process, it can."""


class Workshop:
    """The CAD workers of this process: started with it, stopped after what is in hand is done.

    `scratch` is the workers' own folder: what has lain in it for an hour is removed, and all of it at the end.
    `packages` holds what designs may require, one folder NAME-VERSION each.
    """

    def __init__(self, cad: Cad, *, scratch: Path, packages: Path | None = None) -> None:
        self._cad = cad
        self._scratch = scratch
        self._packages = packages
        self._trouble: str | None = "the CAD workers are starting"
        self._in_hand = 0
        self._idle = asyncio.Event()
        self._closing = False

    @property
    def trouble(self) -> str | None:
        """Why no CAD work can be done, or None."""
        return self._trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the workers ready until `stop` is set; then let what is in hand end."""
        try:
            while not stop.is_set():
                with contextlib.suppress(CadAway):
                    await self._ready()
                await asyncio.to_thread(_sweep, self._scratch)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _LOOK_S if self._trouble is None else _START_AGAIN_S)
            self._closing = True
            if self._in_hand:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._idle.wait(), _FINISH_S)
        finally:
            self._closing = True
            await self._cad.stop()
            shutil.rmtree(self._scratch, ignore_errors=True)

    async def work(self, what: str, job: Callable[[Cad], Awaitable[T]]) -> T:
        """Let `job` work with the CAD workers, up to ATTEMPTS times where they crash.

        Raises CadAway where they cannot work now, CadRefused where the design is at fault or crashes them every time.
        """
        with self._holding(), tracer.start_as_current_span(f"cad {what}") as span:
            for attempt in range(1, ATTEMPTS + 1):
                await self._ready()
                span.set_attribute("fabmesh.cad.attempt", attempt)
                try:
                    return await job(self._cad)
                except CadFailed as error:
                    if self._closing:
                        raise CadAway("the process stops") from error
                    log.warning("cad %s crashed, attempt %d: %s", what, attempt, error)
            message = f"the CAD worker crashed {ATTEMPTS} times on this design"
            mend = "simplify the model where it is most intricate"
            raise CadRefused(CRASHED, message, (Finding(CRASHED, message, Severity.ERROR, mend),))

    def extra_paths(self, requires: Sequence[str]) -> tuple[Path, ...]:
        """Where the packages lie that a design requires; raises CadRefused for one that the operator does not offer."""
        return tuple(self._package(each) for each in requires)

    async def _ready(self) -> None:
        if self._closing:
            raise CadAway("the process stops")
        try:
            await self._cad.start()
        except CadFailed as error:
            self._trouble = str(error)
            raise CadAway(str(error)) from error
        self._trouble = None

    @contextlib.contextmanager
    def _holding(self) -> Iterator[None]:
        self._in_hand += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()

    def _package(self, required: str) -> Path:
        name, _, version = required.partition("==")
        folder = None if self._packages is None else self._packages / f"{name}-{version}"
        plain = all(
            part and part.replace("-", "").replace("_", "").replace(".", "").isalnum() for part in (name, version)
        )
        if folder is None or not plain or ".." in required or not folder.is_dir():
            raise CadRefused("package-not-offered", f"{required} is not among the packages that designs may require")
        return folder


def _sweep(scratch: Path) -> None:
    """Remove what the workers keep there for themselves and nobody wanted again."""
    for entry in scratch.glob("*/*"):
        with contextlib.suppress(OSError):
            if time.time() - entry.stat().st_mtime > _KEEP_S:
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
