"""One suite for every artefact store."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fabrication.store.artefacts import ArtefactMissing, ArtefactStore, ArtefactTooLarge, StoreAway, StoreFull
from fabrication.store.opening import open_artefacts
from messaging.connection import close, connect
from messaging.streams import ARTEFACTS, apply

pytestmark = pytest.mark.integration
MAX_BYTES = 3_000_000


@pytest.fixture
async def bucket(mesh):
    """An empty bucket with room for five million bytes."""
    js = mesh.jetstream()
    await apply(js, [replace(ARTEFACTS, max_bytes=5_000_000)])
    yield "jetstream://artefacts"
    await js.delete_stream(ARTEFACTS.name or "")


@pytest.fixture
async def js(nats_server):
    """JetStream with the rights of fabrication."""
    client = await connect(nats_server.url, name="fabrication", creds=nats_server.creds("fabrication"))
    yield client.jetstream()
    await close(client)


@pytest.fixture(params=["folder", "object store"])
def store(request, js, tmp_path) -> ArtefactStore:
    url = (tmp_path / "artefacts").as_uri() if request.param == "folder" else request.getfixturevalue("bucket")
    return open_artefacts(url, js, max_bytes=MAX_BYTES, reserve_bytes=0)


@pytest.fixture
def file(tmp_path):
    """Writes a file with that content."""

    def write(content: bytes) -> Path:
        path = tmp_path / f"source-{hashlib.sha256(content).hexdigest()[:8]}"
        path.write_bytes(content)
        return path

    return write


async def content_of(store: ArtefactStore, sha256: str) -> bytes:
    content = await store.open(sha256)
    found = b"".join([chunk async for chunk in content.chunks])
    assert len(found) == content.size_bytes
    return found


@pytest.mark.parametrize("content", [b"", b"G28\n", os.urandom(700_000)], ids=["empty", "small", "many chunks"])
async def test_what_is_put_is_there_under_its_digest(store, file, content):
    stored = await store.put(file(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size_bytes == len(content)
    assert await content_of(store, stored.sha256) == content


async def test_putting_again_changes_nothing(store, file):
    source = file(b"the same")
    first = await store.put(source)
    assert await store.put(source) == first
    assert await content_of(store, first.sha256) == b"the same"


async def test_many_at_once_are_all_kept_and_all_read(store, file):
    sources = [file(bytes([number]) * 200_000) for number in range(6)] * 2
    stored = await asyncio.gather(*(store.put(source) for source in sources))
    found = await asyncio.gather(*(content_of(store, each.sha256) for each in stored))
    assert [each[0] for each in found] == [*range(6)] * 2


@pytest.mark.parametrize("digest", ["0" * 64, "../../../etc/passwd", "", "A" * 64, "0" * 63 + "\n"])
async def test_nothing_is_under_another_name(store, file, digest):
    await store.put(file(b"something"))
    with pytest.raises(ArtefactMissing):
        await store.open(digest)


async def test_a_file_that_is_too_large_is_refused(store, file):
    source = file(b"x" * (MAX_BYTES + 1))
    with pytest.raises(ArtefactTooLarge):
        await store.put(source)
    with pytest.raises(ArtefactMissing):
        await store.open(hashlib.sha256(source.read_bytes()).hexdigest())


async def test_a_store_with_room_has_no_trouble(store, file):
    await store.put(file(b"x"))
    assert await store.trouble() is None


async def test_a_full_bucket_says_so_keeps_nothing_in_halves_and_recovers(bucket, js, mesh, file):
    store = open_artefacts(bucket, js, max_bytes=MAX_BYTES, reserve_bytes=0)
    first = await store.put(file(os.urandom(2_800_000)))
    source = file(os.urandom(2_900_000))
    with pytest.raises(StoreFull):
        await store.put(source)
    assert "full" in (await store.trouble() or "")
    with pytest.raises(ArtefactMissing):
        await store.open(hashlib.sha256(source.read_bytes()).hexdigest())
    assert (await js.stream_info(ARTEFACTS.name)).state.bytes < 3_000_000
    assert len(await content_of(store, first.sha256)) == first.size_bytes
    await apply(mesh.jetstream(), [ARTEFACTS])
    await store.put(source)
    assert await store.trouble() is None


async def test_a_bucket_that_is_not_there_is_told(js, file):
    store = open_artefacts("jetstream://nowhere", js, max_bytes=MAX_BYTES, reserve_bytes=0)
    assert "artefact store" in (await store.trouble() or "")
    with pytest.raises(StoreAway):
        await store.put(file(b"x"))
    with pytest.raises(StoreAway):
        await store.open("0" * 64)
