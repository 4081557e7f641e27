"""Where models, solids and programs lie: content under its SHA-256, written once, never changed.

ArtefactError
├── ArtefactMissing    there is nothing under that digest
├── ArtefactTooLarge   it is larger than the store takes
├── StoreFull          there is no room now
└── StoreAway          the store does not answer now
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_BYTES = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArtefactError(Exception):
    """Root of the artefact stores' errors."""


class ArtefactMissing(ArtefactError):
    """There is nothing under that digest."""


class ArtefactTooLarge(ArtefactError):
    """The file is larger than the store takes; repeating changes nothing."""


class StoreFull(ArtefactError):
    """There is no room now; nothing of the file was kept."""


class StoreAway(ArtefactError):
    """The store does not answer; repeating may help."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safe: its digest and size."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file on its way out: `chunks` hold `size_bytes` in all."""

    size_bytes: int
    chunks: AsyncIterator[bytes]


class ArtefactStore(Protocol):
    """Keeps files by their content. All of it is safe to call from many tasks and processes at once."""

    async def put(self, source: Path) -> Stored:
        """Keep the content of a file; on return it is safe. Nothing is kept in halves.

        Raises ArtefactTooLarge, StoreFull or StoreAway.
        """

    async def open(self, sha256: str) -> Content:
        """The content under that digest. Raises ArtefactMissing or StoreAway."""

    async def trouble(self) -> str | None:
        """Why it cannot take files now, or None."""


def require_digest(sha256: str) -> str:
    """The digest, where it is one; raises ArtefactMissing: nothing stands under anything else."""
    if not _DIGEST.fullmatch(sha256):
        raise ArtefactMissing(f"{sha256!r} is no SHA-256")
    return sha256


def digest_of(source: BinaryIO) -> Stored:
    """Digest and size of a file read from where it stands to its end."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return Stored(digest.hexdigest(), size)


def measured(source: Path, max_bytes: int) -> Stored:
    """Digest and size of a file; raises ArtefactTooLarge past `max_bytes`."""
    if (size := source.stat().st_size) > max_bytes:
        raise ArtefactTooLarge(f"{source.name} has {size} bytes; {max_bytes} are the most")
    with source.open("rb") as file:
        return digest_of(file)
