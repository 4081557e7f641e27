"""Artefacts in a folder: `<root>/ab/<digest>`, each written aside, flushed to the disk, then renamed into place."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from fabrication.store.artefacts import (
    CHUNK_BYTES,
    ArtefactMissing,
    Content,
    StoreAway,
    Stored,
    StoreFull,
    measured,
    require_digest,
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STALE_S = 3600.0


class FolderArtefactStore:
    """The artefact store of the embedded default.

    A file may have `max_bytes`; with less than `reserve_bytes` free on its disk the store counts as full.
    """

    def __init__(self, root: Path, *, max_bytes: int, reserve_bytes: int) -> None:
        self._root = root
        self._aside = root / "writing"
        self._max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        self._refused: str | None = None

    async def put(self, source: Path) -> Stored:
        """Keep the content of a file; see ArtefactStore."""
        return await asyncio.to_thread(self._put, source)

    async def open(self, sha256: str) -> Content:
        """The content under that digest; see ArtefactStore."""
        path = self._path(require_digest(sha256))
        try:
            status = await asyncio.to_thread(path.stat)
        except FileNotFoundError:
            raise ArtefactMissing(sha256) from None
        except OSError as error:
            raise StoreAway(f"{type(error).__name__}: {error}") from error
        return Content(status.st_size, _chunks(path))

    async def trouble(self) -> str | None:
        """Why it cannot take files now, or None."""
        return await asyncio.to_thread(self._trouble)

    def _put(self, source: Path) -> Stored:
        stored = measured(source, self._max_bytes)
        target = self._path(stored.sha256)
        if target.exists():
            return stored
        try:
            self._write(source, target)
        except OSError as error:
            if error.errno in _FULL:
                self._refused = f"no room for {stored.size_bytes} bytes"
                raise StoreFull(self._refused) from error
            raise StoreAway(f"{type(error).__name__}: {error}") from error
        self._refused = None
        return stored

    def _write(self, source: Path, target: Path) -> None:
        self._aside.mkdir(parents=True, exist_ok=True)
        self._sweep()
        number, name = tempfile.mkstemp(dir=self._aside)
        try:
            with os.fdopen(number, "wb") as sink, source.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    sink.write(chunk)
                sink.flush()
                os.fsync(sink.fileno())
                os.fchmod(sink.fileno(), 0o444)
            target.parent.mkdir(exist_ok=True)
            Path(name).rename(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _flush_folder(target.parent)

    def _sweep(self) -> None:
        """Remove what processes left that were killed while they wrote."""
        for leftover in self._aside.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _STALE_S:
                    leftover.unlink()

    def _trouble(self) -> str | None:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            status = os.statvfs(self._root)
        except OSError as error:
            return f"the artefact store cannot be used: {error}"
        free = status.f_bavail * status.f_frsize
        if free < self._reserve_bytes:
            return f"the artefact store is full: {free} bytes free, {self._reserve_bytes} wanted"
        return f"the artefact store is full: {self._refused}" if self._refused else None

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


def _flush_folder(folder: Path) -> None:
    """Make a rename safe against loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        file.close()
