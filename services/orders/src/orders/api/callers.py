"""Who calls, and what a path names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from chassis.auth import Principal, Requires
from chassis.problems import NotFound
from orders.state import OrdersState
from orders.store.designs import is_id

Reader = Annotated[Principal, Depends(Requires("orders:read"))]
Orderer = Annotated[Principal, Depends(Requires("orders:write"))]
Grantor = Annotated[Principal, Depends(Requires("licences:write"))]
Registrar = Annotated[Principal, Depends(Requires("organisations:write"))]


def service(request: Request) -> OrdersState:
    """What the composition root put together."""
    state: OrdersState = request.app.state.service
    return state


def seen_by(principal: Principal) -> str | None:
    """Whose things the caller may see: those of one organisation, or (None) everybody's."""
    return None if principal.is_operator else principal.organisation_id


def credential(request: Request) -> str:
    """What the caller authenticated with."""
    return request.headers.get("authorization", "").partition(" ")[2].strip()


def plain_id(what: str, given: str) -> str:
    """An id out of a path. Raises NotFound where it is none."""
    if not is_id(given):
        raise NotFound(f"no-such-{what}", f"There is no {what} of that id.")
    return given.lower()


def if_match(given: Annotated[str | None, Header(alias="If-Match", max_length=100)] = None) -> int | None:
    """The revision that the caller has seen, where it says so; -1 for what was never one of ours."""
    if given is None or given.strip() == "*":
        return None
    tag = given.strip().removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) <= 9 else -1
