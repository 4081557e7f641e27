"""A job order on its way: allocated, offered, claimed, made, reported."""

from __future__ import annotations

import hashlib

import pytest
from played_hubs import PROGRAM_SHA256, alive, completed

from fabmesh.routing.v1.events_pb2 import (
    JobOrderClaimed,
    JobOrderCompleted,
    JobOrderProgressed,
    JobOrderStarted,
)
from fabmesh.routing.v1.requests_pb2 import CheckDownload, DownloadChecked
from messaging.requests import ask

pytestmark = pytest.mark.integration


async def test_a_job_order_is_made_once_from_command_to_completion(near, far, played, operator, sql):
    async with alive(near), alive(far):
        allocated = await played.allocate("j1")
        assert (allocated.hub_id, allocated.machine_id, allocated.profile_id) == (near.id, near.machine, "mk4")
        assert allocated.why.startswith("Altona, 3.6 km away, free now, 25 min to make")
        token = allocated.fencing_token
        await played.dispatch("j1", token)
        (offer,) = await near.offers()
        assert (offer.job_order_id, offer.fencing_token, offer.program_sha256) == ("j1", token, PROGRAM_SHA256)
        assert [list(each.matrix)[3] for each in offer.placements] == [10, 10]
        assert getattr(offer.characteristics[0], "class") == "major"
        await near.make("j1", token)
        (done,) = await played.heard(JobOrderCompleted, "j1")
    assert (done.hub_id, done.fencing_token, done.used_g, list(done.part_ids)) == (
        near.id,
        token,
        41.0,
        ["j1-p1", "j1-p2"],
    )
    assert done.measurements[0].value == 50.1
    for kind in (JobOrderClaimed, JobOrderStarted, JobOrderProgressed):
        assert len(await played.events(kind, "j1")) == 1
    shown = (await operator.get("/routing/v1/job-orders/j1")).json()
    assert (shown["state"], shown["fraction"], shown["hub_id"]) == ("completed", 1.0, near.id)
    assert await sql("select grams from stock where hub_id = :h", h=near.id) == [(959.0,)]
    versions = await sql(
        "select (headers->>'ce-aggregateversion')::int from outbox where subject like 'evt.%' "
        "and aggregate_id = 'j1' order by id"
    )
    assert [version for (version,) in versions] == list(range(1, len(versions) + 1))


async def test_a_claim_is_granted_again_until_the_machine_starts_and_then_no_more(near, played, mesh):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        first, second = await near.claim("j1", token), await near.claim("j1", token)
        assert first.granted
        assert second.granted
        assert first.download_key != second.download_key
        assert first.program_url == "https://mesh.example/fabrication/v1/programs/prog-1/content"
        assert not await may_download(mesh, first.download_key)
        assert await may_download(mesh, second.download_key)
        assert not await may_download(mesh, second.download_key, "another-program")
        await near.report("j1", token, started={})
        await played.heard(JobOrderStarted, "j1")
        third = await near.claim("j1", token)
        assert (third.granted, third.why) == (False, "it was started already")
        assert not await may_download(mesh, second.download_key)
    assert len(await played.events(JobOrderClaimed, "j1")) == 1


async def may_download(mesh, key: str, program_id: str = "prog-1") -> bool:
    question = CheckDownload(key_sha256=hashlib.sha256(key.encode()).digest(), program_id=program_id)
    return (await ask(mesh, question, DownloadChecked, source="fabrication", timeout_s=5)).allowed


async def test_nobody_else_can_claim(near, far, played):
    async with alive(near), alive(far):
        token = (await played.offered("j1")).fencing_token
        assert (await far.claim("j1", token)).why == "the token was given to another machine"
        assert (await near.claim("j1", token, machine=far.machine)).why == "the token was given to another machine"
        assert "is powerless" in (await near.claim("j1", token + 1)).why
        assert (await near.claim("no-such", token)).why == "there is no such job order"
        assert (await near.claim("j1", token)).granted


async def test_a_job_order_that_is_not_dispatched_cannot_be_claimed(near, played):
    async with alive(near):
        token = (await played.allocate("j1")).fencing_token
        assert (await near.claim("j1", token)).why == "it is pending"


async def test_a_start_that_was_never_reported_is_inferred_from_the_completion(near, played):
    async with alive(near):
        token = (await played.offered("j1")).fencing_token
        assert (await near.claim("j1", token)).granted
        await near.report("j1", token, completed=completed("j1"))
        await played.heard(JobOrderCompleted, "j1")
    assert len(await played.events(JobOrderStarted, "j1")) == 1
