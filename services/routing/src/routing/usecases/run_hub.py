"""What a hub's owner does with it: say what is in stock, take it out of the network and put it back."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.auth import Principal
from chassis.problems import NotFound
from chassis.unit_of_work import UnitOfWork
from routing.store import hubs
from routing.store.clock import now
from routing.store.hubs import HubRecord


async def set_stock(hub_id: str, grams: Mapping[str, float], principal: Principal, uow: UnitOfWork) -> None:
    """Replace what lies at the hub, in grams by material. Raises the problem `no-such-hub`."""
    hub = await _own(hub_id, principal, uow)
    await hubs.set_stock(uow.session, hub.id, grams)
    await hubs.touch_network(uow.session)


async def set_cordoned(hub_id: str, cordoned: bool, principal: Principal, uow: UnitOfWork) -> None:
    """Whether the hub takes new job orders; what it has stays with it. Raises the problem `no-such-hub`."""
    hub = await _own(hub_id, principal, uow)
    if hub.cordoned == cordoned:
        return
    await hubs.set_cordoned(uow.session, hub.id, cordoned)
    await hubs.note(uow.session, [hub.id], "cordoned" if cordoned else "uncordoned", await now(uow.session))
    if not cordoned:
        await hubs.touch_network(uow.session)


async def _own(hub_id: str, principal: Principal, uow: UnitOfWork) -> HubRecord:
    hub = await hubs.take(uow.session, hub_id)
    if hub is None or not principal.owns(hub.organisation_id):
        raise NotFound("no-such-hub", "There is no hub of that id.")
    return hub
