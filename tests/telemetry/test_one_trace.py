"""One trace runs from the POST through every service to the hub agent and back, also when a hub is lost on the way."""

from __future__ import annotations

import asyncio

import pytest
from harness.collector import Collector, Span
from harness.mesh import Mesh, place, until, wish

from launcher.blackout import darken, relight
from launcher.folder import DataFolder
from messaging.envelope import uuid7

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EDGES = {
    ("orders", "fabrication"),
    ("fabrication", "orders"),
    ("orders", "routing"),
    ("routing", "orders"),
    ("routing", "hub"),
    ("hub", "routing"),
    ("orders", "quality"),
    ("quality", "orders"),
}
"""Which service's spans are parents of which other's."""


def edges(trace: dict[str, Span]) -> set[tuple[str, str]]:
    parents = ((trace[span.parent_id], span) for span in trace.values() if span.parent_id in trace)
    return {(parent.service, child.service) for parent, child in parents if parent.service != child.service}


async def test_a_journey_with_a_lost_hub_is_one_trace(mesh_instance: Mesh, collector: Collector):
    folder = DataFolder(mesh_instance.data)
    async with mesh_instance.client() as partner, mesh_instance.client("admin_key") as operator:
        placed = await place(partner, wish("sensor-enclosure", "petg"), uuid7())
        seen = await until(partner, placed["id"], {"making"})
        hub = (await operator.get(f"/routing/v1/hubs/{seen['job_orders'][0]['hub']}")).json()
        await asyncio.to_thread(darken, folder, hub["slug"])
        try:
            await until(partner, placed["id"], {"ready_for_pickup"})
        finally:
            await asyncio.to_thread(relight, folder, hub["slug"])
    trace = await whole_trace(
        collector, {"OrderPlaced", "JobOrderAllocated", "InspectionPassed", "OrderReadyForPickup"}
    )
    assert edges(trace) >= EDGES
    assert [(span.service, span.name) for span in trace.values() if not span.parent_id] == [
        ("orders", "POST /orders/v1/orders")
    ]
    # What the lost agent had not ended when it was killed was never exported: parents of its own spans, and of what
    # routing did on hearing it.
    orphans = {span.name for span in trace.values() if span.parent_id and span.parent_id not in trace}
    orphans -= {span.name for span in trace.values() if span.service == "hub"}
    assert orphans <= {"handle ClaimRequested", "handle JobReported"}
    allocations = [span for span in trace.values() if span.name == "publish JobOrderAllocated"]
    assert len(allocations) == 2


async def whole_trace(collector: Collector, published: set[str]) -> dict[str, Span]:
    """The newest trace from a POST in which all these were published and a job was allocated again."""
    wanted = {f"publish {name}" for name in published}
    async with asyncio.timeout(30):
        while True:
            for trace in reversed(collector.trace_with("orders", "POST /orders/v1/orders")):
                names = [span.name for span in trace.values()]
                if wanted <= set(names) and names.count("publish JobOrderAllocated") > 1:
                    return trace
            await asyncio.sleep(0.5)
