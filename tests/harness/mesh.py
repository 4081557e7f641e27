"""One running instance on a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
SETTLED = {"ready_for_pickup", "collected", "cancelled", "refused", "failed"}
HAMBURG = {"lat": 53.5511, "lon": 9.9937}


def fabmesh(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line; raises with what it said where it fails."""
    command = [str(Path(sys.executable).parent / "fabmesh"), *arguments]
    given = os.environ | (environment or {})
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=given, cwd=ROOT)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


class Mesh:
    """Starts, speaks to, harms and stops one instance."""

    def __init__(self, data: Path, city: Path) -> None:
        self.data = data
        self._city = city
        self._environment: dict[str, str] = {}

    def up(self, **environment: str) -> None:
        self._environment |= environment
        fabmesh("up", "--detach", "--data", str(self.data), "--city", str(self._city), environment=self._environment)

    def down(self) -> None:
        fabmesh("down", "--data", str(self.data))

    @property
    def endpoints(self) -> dict[str, Any]:
        return json.loads((self.data / "endpoints.json").read_text())

    @property
    def parts(self) -> dict[str, Any]:
        """The parts by name, as `fabmesh status --json` has them."""
        done = fabmesh("status", "--data", str(self.data), "--json")
        listed = json.loads(done.stdout)
        return {part["name"]: part for part in (listed["parts"] if isinstance(listed, dict) else listed)}

    def kill(self, name: str) -> None:
        """kill -9 of one part; the supervisor starts it again."""
        os.kill(self.parts[name]["pid"], signal.SIGKILL)

    async def all_ready(self, within_s: float = 60.0) -> None:
        """Every part runs and is ready again."""
        async with asyncio.timeout(within_s):
            while not all(part["ready"] for part in (await asyncio.to_thread(lambda: self.parts)).values()):
                await asyncio.sleep(0.2)

    def client(self, key: str = "partner_key") -> httpx.AsyncClient:
        """A client of the edge with the partner's or the operator's key."""
        known = self.endpoints
        headers = {"Authorization": f"Bearer {known[key]}"}
        return httpx.AsyncClient(base_url=known["edge"], headers=headers, timeout=30)


def wish(design: str = "cable-clip", material: str = "pla", quantity: int = 1, **parameters: Any) -> dict[str, Any]:
    """The body of an order."""
    return {
        "design": design,
        "material": material,
        "quantity": quantity,
        "parameters": parameters,
        "destination": HAMBURG,
        "fulfilment": "pickup",
    }


async def place(
    client: httpx.AsyncClient, body: dict[str, Any], key: str, *, patience_s: float = 60.0
) -> dict[str, Any]:
    """Place an order as a partner's app does: a request that got no answer is repeated with the same key."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            answer = await client.post("/orders/v1/orders", json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code < 500:
            assert answer.status_code == 201, answer.text
            return answer.json()
        assert time.monotonic() < deadline, "no order could be placed"
        await asyncio.sleep(0.2)


async def order(client: httpx.AsyncClient, order_id: str) -> dict[str, Any]:
    """The order, asked for again while the mesh is in trouble."""
    while True:
        try:
            answer = await client.get(f"/orders/v1/orders/{order_id}")
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code < 500:
            assert answer.status_code == 200, answer.text
            return answer.json()
        await asyncio.sleep(0.2)


async def until(
    client: httpx.AsyncClient, order_id: str, statuses: Iterable[str], within_s: float = 120.0
) -> dict[str, Any]:
    """The order once it is in one of `statuses`; fails with its timeline when it ends otherwise."""
    wanted = set(statuses)
    async with asyncio.timeout(within_s):
        while True:
            seen = await order(client, order_id)
            if seen["status"] in wanted:
                return seen
            assert seen["status"] not in SETTLED, json.dumps(seen["timeline"], indent=1)
            await asyncio.sleep(0.1)
