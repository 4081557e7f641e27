"""The mesh as a partner's app and an operator see it: public HTTP, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from launcher.demo.people import Wish
from launcher.errors import LauncherError


class CityClient:
    """Calls the edge with the partner's key to order, and with the operator's key to look behind the counter."""

    def __init__(self, endpoints: Path) -> None:
        known = json.loads(endpoints.read_text())
        self.edge: str = known["edge"]
        self._partner = self._client(known["partner_key"])
        self._operator = self._client(known["admin_key"])

    def _client(self, key: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.edge, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._partner.aclose()
        await self._operator.aclose()

    async def place(self, wish: Wish, key: str) -> dict[str, Any]:
        """Order what a person wishes; `key` makes a repeat harmless."""
        body = {
            "design": wish.design,
            "parameters": dict(wish.parameters),
            "material": wish.material,
            "quantity": wish.quantity,
            "destination": {"lat": wish.lat_deg, "lon": wish.lon_deg},
            "fulfilment": "pickup",
        }
        answer = await self._partner.post("/orders/v1/orders", json=body, headers={"Idempotency-Key": key})
        return _body(answer)

    async def order(self, order_id: str) -> dict[str, Any]:
        """The order as its owner sees it."""
        return _body(await self._partner.get(f"/orders/v1/orders/{order_id}"))

    async def design(self, slug: str) -> dict[str, Any]:
        """The released design."""
        return _body(await self._partner.get(f"/catalog/v1/designs/{slug}"))

    async def allocation(self, job_order_id: str) -> dict[str, Any]:
        """Why the hub was chosen."""
        return _body(await self._operator.get(f"/routing/v1/allocations/{job_order_id}"))

    async def job_order(self, job_order_id: str) -> dict[str, Any]:
        """How far the machine is."""
        return _body(await self._operator.get(f"/routing/v1/job-orders/{job_order_id}"))

    async def hubs(self) -> list[dict[str, Any]]:
        """Every hub of the network."""
        items: list[dict[str, Any]] = _body(await self._operator.get("/routing/v1/hubs?limit=200"))["items"]
        return items

    async def inspections(self, order_id: str) -> list[dict[str, Any]]:
        """What was measured on the order's parts."""
        answer = await self._operator.get("/quality/v1/inspections", params={"order": order_id})
        items: list[dict[str, Any]] = _body(answer)["items"]
        return items

    async def program(self, program_id: str) -> dict[str, Any]:
        """The program's figures."""
        return _body(await self._operator.get(f"/fabrication/v1/programs/{program_id}"))

    async def verification(self, program_id: str) -> dict[str, Any]:
        """What the replay of the program found."""
        return _body(await self._operator.get(f"/fabrication/v1/programs/{program_id}/verification"))


def _body(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        what = f"{answer.request.method} {answer.request.url.path}"
        raise LauncherError(f"{what} answered {answer.status_code}: {answer.text[:500]}")
    found: dict[str, Any] = answer.json()
    return found
