"""Patience with CAD workers."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from fabrication.domain.errors import CadFailed, CadRefused
from fabrication.usecases.workshop import ATTEMPTS, CRASHED, CadAway, Workshop


class Cad:
    """Starts unless it is broken; counts."""

    def __init__(self) -> None:
        self.broken = False
        self.stopped = 0

    async def start(self):
        if self.broken:
            raise CadFailed("no libGL")

    async def stop(self):
        self.stopped += 1


@pytest.fixture
def cad():
    return Cad()


@pytest.fixture
def workshop(cad, tmp_path):
    return Workshop(cad, scratch=tmp_path / "scratch", packages=tmp_path / "packages")


def failing(times):
    calls = []

    async def job(_):
        calls.append(1)
        if len(calls) <= times:
            raise CadFailed("signal 11")
        return "done"

    job.calls = calls
    return job


@pytest.mark.parametrize("crashes", range(ATTEMPTS))
async def test_fewer_crashes_than_attempts_are_not_seen(workshop, crashes):
    assert await workshop.work("assess", failing(crashes)) == "done"


async def test_a_job_that_always_crashes_is_the_designs_fault(workshop):
    job = failing(99)
    with pytest.raises(CadRefused) as refused:
        await workshop.work("assess", job)
    assert (refused.value.code, [each.code for each in refused.value.findings]) == (CRASHED, [CRASHED])
    assert len(job.calls) == ATTEMPTS


async def test_a_refusal_is_not_tried_again(workshop):
    calls = []

    async def job(_):
        calls.append(1)
        raise CadRefused("empty", "nothing")

    with pytest.raises(CadRefused, match="nothing"):
        await workshop.work("assess", job)
    assert len(calls) == 1


async def test_workers_that_do_not_start_are_nobodys_fault(workshop, cad):
    cad.broken = True
    job = failing(0)
    with pytest.raises(CadAway, match="no libGL"):
        await workshop.work("assess", job)
    assert workshop.trouble == "no libGL"
    cad.broken = False
    assert await workshop.work("assess", job) == "done"
    assert workshop.trouble is None
    assert len(job.calls) == 1


async def test_what_is_in_hand_is_finished_before_the_workers_end(workshop, cad, tmp_path):
    (tmp_path / "scratch" / "jobs").mkdir(parents=True)
    stop, go = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(workshop.run(stop))

    async def slow(_):
        await go.wait()
        return cad.stopped

    work = asyncio.create_task(workshop.work("program", slow))
    await asyncio.sleep(0.05)
    assert workshop.trouble is None
    stop.set()
    await asyncio.sleep(0.05)
    with pytest.raises(CadAway, match="stops"):
        await workshop.work("program", failing(0))
    assert not running.done()
    go.set()
    assert await work == 0
    await running
    assert cad.stopped == 1
    assert not (tmp_path / "scratch").exists()


async def test_a_process_that_cannot_wait_leaves_nothing_behind(workshop, cad, tmp_path):
    (tmp_path / "scratch").mkdir()
    running = asyncio.create_task(workshop.run(asyncio.Event()))
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert cad.stopped == 1
    assert not (tmp_path / "scratch").exists()


async def test_what_nobody_wanted_for_an_hour_is_swept(workshop, tmp_path):
    solids, programs = tmp_path / "scratch" / "solids", tmp_path / "scratch" / "programs"
    for folder in (solids, programs / "old", programs / "fresh"):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    for path in (solids / "file", programs / "old"):
        os.utime(path, (time.time() - 7200,) * 2)
    stop = asyncio.Event()
    running = asyncio.create_task(workshop.run(stop))
    async with asyncio.timeout(5):
        while (programs / "old").exists() or (solids / "file").exists():
            await asyncio.sleep(0.01)
    assert (programs / "fresh" / "file").exists()
    stop.set()
    await running


@pytest.mark.parametrize(
    "required", ["cq==1", "../packages==1", "cq", "==", "cq==..", "c q==1", "cq==1/..", "other==1"]
)
def test_only_packages_that_the_operator_laid_out_are_offered(workshop, tmp_path, required):
    (tmp_path / "packages" / "good-1.0").mkdir(parents=True)
    with pytest.raises(CadRefused) as refused:
        workshop.extra_paths([required])
    assert refused.value.code == "package-not-offered"
    assert workshop.extra_paths(["good==1.0"]) == (tmp_path / "packages" / "good-1.0",)
