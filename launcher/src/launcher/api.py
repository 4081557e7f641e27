"""What the launcher asks of the services, over the public API like everybody else, with the operator's key."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self

import httpx

from launcher.city import CityHub
from launcher.errors import SeedError
from launcher.hubs import Registration

_PAUSE_S = 0.25
# A fresh key travels to each service as an event; until then it is unknown there.
_NOT_YET = {httpx.codes.UNAUTHORIZED, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE}


class OperatorApi:
    """The public API behind the edge. An async context manager."""

    def __init__(self, edge_url: str, key: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=edge_url, headers={"Authorization": f"Bearer {key}"}, timeout=30.0, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def until_known(self, path: str, timeout_s: float) -> None:
        """Waits until the key is good at a path. Raises SeedError."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = await self._client.get(path)
            if answer.status_code == httpx.codes.OK:
                return
            if answer.status_code not in _NOT_YET or time.monotonic() > deadline:
                raise SeedError(f"{path} does not answer the operator: {_why(answer)}")
            await asyncio.sleep(_PAUSE_S)

    async def register(self, hub: CityHub) -> Registration:
        """Registers a hub, or finds the one of its slug. Raises SeedError."""
        answer = await self._client.post("/routing/v1/hubs", json=hub.registration())
        if answer.status_code not in {httpx.codes.OK, httpx.codes.CREATED}:
            raise SeedError(f"routing refuses the hub {hub.slug}: {_why(answer)}")
        body = answer.json()
        machines = {machine["name"]: machine["id"] for machine in body["machines"]}
        if not machines.keys() >= {machine.name for machine in hub.machines}:
            raise SeedError(f"the hub {hub.slug} was registered with other machines: {', '.join(machines)}")
        return Registration(body["id"], machines, body.get("enrolment_token"))

    async def heard(self) -> dict[str, str | None]:
        """When routing last heard of each hub, by the hub's id."""
        return {hub["id"]: hub["last_heard_at"] for hub in await self._hubs()}

    async def until_heard(self, before: Mapping[str, str | None], timeout_s: float) -> None:
        """Waits until these hubs are online, and were heard since `before`. Raises SeedError with the silent ones."""
        deadline = time.monotonic() + timeout_s
        silent = set(before)
        while True:
            for hub in await self._hubs():
                if hub["state"] == "online" and hub["last_heard_at"] != before.get(hub["id"]):
                    silent.discard(hub["id"])
            if not silent:
                return
            if time.monotonic() > deadline:
                raise SeedError(f"routing does not hear of {len(silent)} hubs: {', '.join(sorted(silent))}")
            await asyncio.sleep(_PAUSE_S)

    async def _hubs(self) -> list[dict[str, Any]]:
        hubs: list[dict[str, Any]] = []
        cursor = None
        while True:
            answer = await self._client.get("/routing/v1/hubs", params={"cursor": cursor} if cursor else None)
            if answer.status_code != httpx.codes.OK:
                raise SeedError(f"routing does not list its hubs: {_why(answer)}")
            page = answer.json()
            hubs += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return hubs


def _why(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:500]}"
