"""A hundred orders in flight while each kind of process is killed once; then the auditor comes."""

from __future__ import annotations

import asyncio
import json

import pytest
from auditor.evidence import gather
from auditor.findings import audit
from harness.mesh import SETTLED, Mesh, order, place, wish

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ORDERS = 100
WISHES = (wish(), wish(material="petg"), wish("shelf-peg", "petg"), wish("cable-clip", "petg", 2))
KINDS = ("cad-worker-1", "orders", "routing", "nats", "fabrication", "postgres", "quality", "catalog", "edge")


@pytest.fixture
def doomed(tmp_path, city):
    instance = Mesh(tmp_path / "data", city)
    instance.up()
    yield instance
    instance.down()


async def settle(client, order_ids: list[str], within_s: float) -> dict[str, str]:
    """Wait until every order has ended; answers statuses by order."""
    statuses: dict[str, str] = {}
    async with asyncio.timeout(within_s):
        while len(statuses) < len(order_ids):
            for order_id in order_ids:
                if order_id not in statuses and (seen := await order(client, order_id))["status"] in SETTLED:
                    statuses[order_id] = seen["status"]
            await asyncio.sleep(0.5)
    return statuses


async def quiet(mesh: Mesh, within_s: float = 60.0):
    """The evidence once nothing is on its way any more, or what there is when patience ends."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        seen = await gather(mesh.endpoints, mesh.data)
        waiting = [row for rows in seen.outbox.values() for row in rows if row["published_at"] is None]
        if not (seen.undelivered or waiting) or asyncio.get_running_loop().time() > deadline:
            return seen
        await asyncio.sleep(1)


async def test_nothing_is_lost_and_nothing_counted_twice(doomed):
    async with doomed.client() as client:
        placing = asyncio.create_task(place_all(client))
        for kind in (*KINDS, *machines_and_agents(doomed)):
            await asyncio.sleep(2)
            await asyncio.to_thread(doomed.kill, kind)
        order_ids = await placing
        statuses = await settle(client, order_ids, within_s=480)
    assert set(statuses.values()) == {"ready_for_pickup"}, statuses
    seen = await quiet(doomed)
    found = audit(seen)
    assert not found, json.dumps(found, indent=1)
    assert len(seen.table("orders", "orders")) == ORDERS


def machines_and_agents(mesh: Mesh) -> list[str]:
    """One agent and one machine, of two hubs."""
    agents = sorted(name for name in mesh.parts if name.startswith("agent-"))
    machines = sorted(name for name in mesh.parts if name.startswith("machine-"))
    return [agents[0], machines[-1]]


async def place_all(client) -> list[str]:
    placed = []
    for number in range(ORDERS):
        placed.append(await place(client, WISHES[number % len(WISHES)], key=f"crash-{number}"))
        await asyncio.sleep(0.2)
    return [each["id"] for each in placed]
