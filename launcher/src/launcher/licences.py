"""Licences for the seed inventory: the demo's partner may make every design that asks for one."""

from __future__ import annotations

import asyncio
import time

import httpx

from launcher.errors import SeedError

PARTNER = "Demo partner"
_TRIES_S = 30.0
_PAUSE_S = 0.25
_CREATED = {httpx.codes.OK, httpx.codes.CREATED}


async def grant_licences(edge_url: str, key: str) -> None:
    """Grants the partner unlimited licences for all designs that are not free; safe to repeat. Raises SeedError."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=edge_url, headers=headers, timeout=30.0, trust_env=False) as client:
        answer = await client.get("/catalog/v1/designs", params={"limit": 200})
        if answer.is_error:
            raise SeedError(f"catalog does not list its designs: {answer.status_code} {answer.text[:500]}")
        licensed = [design for design in answer.json()["items"] if design["licence"]["kind"] != "free"]
        await asyncio.gather(*(_grant(client, design["id"]) for design in licensed))


async def _grant(client: httpx.AsyncClient, design_id: str) -> None:
    """Grants one licence, waiting until orders knows the design."""
    body = {"design": design_id, "organisation": PARTNER, "units": None}
    deadline = time.monotonic() + _TRIES_S
    while True:
        key = {"Idempotency-Key": f"seed-licence-{design_id}"}
        answer = await client.post("/orders/v1/licences", json=body, headers=key)
        if answer.status_code in _CREATED:
            return
        if time.monotonic() > deadline:
            raise SeedError(f"orders grants no licence for {design_id}: {answer.status_code} {answer.text[:500]}")
        await asyncio.sleep(_PAUSE_S)
