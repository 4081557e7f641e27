"""From the order to the verified program and to the part at the desk, by stage, for every seed design once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx

from benchmarks.mesh import embedded
from benchmarks.result import Result

SPEED_UP = 120
_ENDS = {"ready_for_pickup", "failed", "refused", "cancelled"}


async def run() -> list[Result]:
    with embedded() as (_, endpoints):
        headers = {"Authorization": f"Bearer {endpoints['partner_key']}"}
        async with httpx.AsyncClient(base_url=endpoints["edge"], headers=headers, timeout=30) as client:
            designs = (await client.get("/catalog/v1/designs?limit=200")).json()["items"]
            orders = [await _one(client, design, number) for number, design in enumerate(designs)]
    stages: dict[str, list[float]] = defaultdict(list)
    for order in orders:
        for stage, seconds in _stages(order).items():
            stages[stage].append(seconds)
    note = f"median of {len(orders)} designs, one after the other; machines run {SPEED_UP} times as fast"
    return [Result(f"{stage}", statistics.median(all_), "s", note) for stage, all_ in stages.items()]


async def _one(client: httpx.AsyncClient, design: dict[str, Any], number: int) -> dict[str, Any]:
    body = {
        "design": design["slug"],
        "material": design["materials"][0],
        "quantity": 1,
        "parameters": {},
        "destination": {"lat": 53.55, "lon": 9.99},
        "fulfilment": "pickup",
    }
    key = {"Idempotency-Key": f"bench-{number}-{time.time_ns()}"}
    placed = (await client.post("/orders/v1/orders", json=body, headers=key)).raise_for_status().json()
    while True:
        order: dict[str, Any] = (await client.get(f"/orders/v1/orders/{placed['id']}")).raise_for_status().json()
        if order["status"] in _ENDS:
            if order["status"] != "ready_for_pickup":
                raise RuntimeError(f"{design['slug']}: {order['timeline'][-1]}")
            return order
        await asyncio.sleep(0.1)


def _stages(order: dict[str, Any]) -> dict[str, float]:
    """Seconds spent in each status, from placement to a released program, and to the desk."""
    entries = [(entry["status"], datetime.fromisoformat(entry["at"])) for entry in order["timeline"]]
    spent: dict[str, float] = defaultdict(float)
    for (status, begun), (_, ended) in pairwise(entries):
        spent[f"in {status}"] += (ended - begun).total_seconds()
    begun = entries[0][1]
    dispatched = next(at for status, at in entries if status == "dispatched")
    spent["order → released program"] = (dispatched - begun).total_seconds()
    spent["order → ready for pickup"] = (entries[-1][1] - begun).total_seconds()
    return spent
