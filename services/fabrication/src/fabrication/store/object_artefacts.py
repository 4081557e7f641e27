"""Artefacts in JetStream's object store: for services that share no disk.

The bucket is declared beside the streams (messaging.streams.ARTEFACTS); this binds to it.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, BucketNotFoundError, ObjectNotFoundError
from nats.js.object_store import OBJ_DEFAULT_CHUNK_SIZE, ObjectStore

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

_MEMORY_BYTES = 1024 * 1024
_DESCRIPTION_BYTES, _CHUNK_OVERHEAD_BYTES = 1024, 128
_FULL = {10023, 10047, 10077}
"""JetStream's error codes for: insufficient resources, storage resources exceeded, maximum bytes exceeded."""


class ObjectStoreArtefacts:
    """The artefact store of a mesh without a shared disk. A file may have `max_bytes`; `timeout_s` bounds each one."""

    def __init__(self, js: JetStreamContext, bucket: str, *, max_bytes: int, timeout_s: float = 60.0) -> None:
        self._js = js
        self._bucket = bucket
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._refused: str | None = None

    async def put(self, source: Path) -> Stored:
        """Keep the content of a file; see ArtefactStore."""
        stored = await asyncio.to_thread(measured, source, self._max_bytes)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._put(source, stored)
        except APIError as error:
            if error.err_code not in _FULL:
                raise StoreAway(f"{error.err_code}: {error.description}") from error
            raise self._full(stored) from error
        except (NatsError, OSError, TimeoutError) as error:
            raise StoreAway(f"{type(error).__name__}: {error}") from error
        self._refused = None
        return stored

    async def open(self, sha256: str) -> Content:
        """The content under that digest; see ArtefactStore. It is fetched whole and checked before the first chunk."""
        require_digest(sha256)
        sink = tempfile.SpooledTemporaryFile(_MEMORY_BYTES)  # noqa: SIM115 - it is closed after its last chunk
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await (await self._open_bucket()).get(sha256, writeinto=cast("BufferedIOBase", sink))
        except ObjectNotFoundError:
            sink.close()
            raise ArtefactMissing(sha256) from None
        except (NatsError, OSError, TimeoutError) as error:
            sink.close()
            raise StoreAway(f"{type(error).__name__}: {error}") from error
        sink.seek(0)
        return Content(found.info.size or 0, _chunks(sink))

    async def trouble(self) -> str | None:
        """Why it cannot take files now, or None."""
        try:
            async with asyncio.timeout(2):
                await self._open_bucket()
        except (NatsError, OSError, TimeoutError, StoreAway) as error:
            return f"the artefact store does not answer: {type(error).__name__}"
        return f"the artefact store is full: {self._refused}" if self._refused else None

    async def _put(self, source: Path, stored: Stored) -> None:
        bucket = await self._open_bucket()
        try:
            await bucket.get_info(stored.sha256)
        except ObjectNotFoundError:
            await self._require_room(bucket, stored)
            with source.open("rb") as file:
                info = await bucket.put(stored.sha256, file)
            if info.digest != _digest_text(stored.sha256):
                raise StoreAway(f"{source.name} changed while it was stored") from None

    async def _require_room(self, bucket: ObjectStore, stored: Stored) -> None:
        """Look before writing: chunks of a file that then did not fit could not be taken back without other rights."""
        stream = (await bucket.status()).stream_info
        most = stream.config.max_bytes or -1
        if 0 < most < stream.state.bytes + stored.size_bytes + _overhead_bytes(stored):
            raise self._full(stored)

    def _full(self, stored: Stored) -> StoreFull:
        self._refused = f"no room for {stored.size_bytes} bytes"
        return StoreFull(self._refused)

    async def _open_bucket(self) -> ObjectStore:
        try:
            return await self._js.object_store(self._bucket)
        except BucketNotFoundError as error:
            raise StoreAway(f"there is no bucket {self._bucket}") from error


def _overhead_bytes(stored: Stored) -> int:
    """What the bucket needs beside the content: subjects and headers of its chunks, and its description."""
    chunks = -(-stored.size_bytes // OBJ_DEFAULT_CHUNK_SIZE)
    return _DESCRIPTION_BYTES + chunks * _CHUNK_OVERHEAD_BYTES


def _digest_text(sha256: str) -> str:
    """A digest as the object store writes it."""
    return "SHA-256=" + base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode()


async def _chunks(source: tempfile.SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    with source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
