"""The folder of artefacts on a disk that is really full, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from fabrication.store.artefacts import StoreAway
from fabrication.store.folder_artefacts import FolderArtefactStore

ON_A_SMALL_DISK = """
import asyncio, os, sys
from pathlib import Path
from fabrication.store.artefacts import StoreFull
from fabrication.store.folder_artefacts import FolderArtefactStore

root = Path(sys.argv[1])
source, small = root.parent.parent / "source", root.parent.parent / "small"
source.write_bytes(os.urandom(1_500_000))
small.write_bytes(b"G28")

async def main():
    store = FolderArtefactStore(root, max_bytes=10_000_000, reserve_bytes=0)
    assert await store.trouble() is None
    try:
        await store.put(source)
    except StoreFull as error:
        print("full:", error)
    assert "full" in await store.trouble()
    assert [path for path in root.rglob("*") if path.is_file()] == []
    await store.put(small)
    assert await store.trouble() is None
    store = FolderArtefactStore(root, max_bytes=10_000_000, reserve_bytes=2_000_000)
    print("low:", await store.trouble())

asyncio.run(main())
"""


def test_a_full_disk_keeps_nothing_in_halves_and_the_store_recovers(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f'mount -t tmpfs -o size=1m none {disk} && exec "$0" -c "$1" {disk}/artefacts'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, sys.executable, ON_A_SMALL_DISK],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "full: no room for 1500000 bytes" in done.stdout
    assert "low: the artefact store is full" in done.stdout


async def test_what_a_killed_writer_left_is_swept_and_what_is_being_written_stays(tmp_path):
    aside = tmp_path / "artefacts" / "writing"
    aside.mkdir(parents=True)
    old, fresh, source = aside / "old", aside / "fresh", tmp_path / "source"
    for path in (old, fresh, source):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    await FolderArtefactStore(tmp_path / "artefacts", max_bytes=10, reserve_bytes=0).put(source)
    assert not old.exists()
    assert fresh.exists()


async def test_kept_files_cannot_be_written(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"G28")
    stored = await FolderArtefactStore(tmp_path / "artefacts", max_bytes=10, reserve_bytes=0).put(source)
    kept = tmp_path / "artefacts" / stored.sha256[:2] / stored.sha256
    assert kept.stat().st_mode & 0o777 == 0o444


async def test_a_folder_that_is_none_is_trouble(tmp_path):
    (tmp_path / "artefacts").write_text("a file")
    source = tmp_path / "source"
    source.write_bytes(b"G28")
    store = FolderArtefactStore(tmp_path / "artefacts", max_bytes=10, reserve_bytes=0)
    assert "cannot be used" in (await store.trouble() or "")
    with pytest.raises(StoreAway):
        await store.put(source)
    with pytest.raises(StoreAway):
        await store.open("0" * 64)
