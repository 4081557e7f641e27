"""A hub goes dark in the middle of a job: another makes it under a higher token, and the old one is refused."""

from __future__ import annotations

import asyncio

import pytest
from auditor.evidence import gather
from harness.mesh import Mesh, place, until, wish

from launcher.blackout import darken, relight
from launcher.folder import DataFolder
from messaging.envelope import uuid7

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


async def test_a_job_moves_to_another_hub_with_a_higher_token(mesh_instance: Mesh):
    folder = DataFolder(mesh_instance.data)
    async with mesh_instance.client() as partner, mesh_instance.client("admin_key") as operator:
        placed = await place(partner, wish("sensor-enclosure", "petg"), uuid7())
        seen = await until(partner, placed["id"], {"making"})
        (job,) = seen["job_orders"]
        hub = (await operator.get(f"/routing/v1/hubs/{job['hub']}")).json()
        await asyncio.to_thread(darken, folder, hub["slug"])
        try:
            ready = await until(partner, placed["id"], {"ready_for_pickup"})
        finally:
            await asyncio.to_thread(relight, folder, hub["slug"])
        (moved,) = ready["job_orders"]
        assert moved["hub"] != job["hub"]
        assert moved["fencing_token"] > job["fencing_token"]

        async def recovered() -> bool:
            return (await operator.get(f"/routing/v1/hubs/{job['hub']}")).json()["state"] == "online"

        async with asyncio.timeout(60):
            while not await recovered():
                await asyncio.sleep(0.2)
    evidence = await gather(mesh_instance.endpoints, mesh_instance.data)
    starts = [start for start in evidence.starts if start["job_order"] == job["id"]]
    assert [start["token"] for start in sorted(starts, key=lambda each: each["at"])] == [
        job["fencing_token"],
        moved["fencing_token"],
    ]
    completed = [start for start in starts if start["outcome"] == "completed"]
    assert [start["token"] for start in completed] == [moved["fencing_token"]]
