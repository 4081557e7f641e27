"""A hub joins the network, with its machines and the token by which its agent enrols."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.auth import Principal, key_hash
from chassis.problems import Conflict
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from routing.domain.geography import Place
from routing.domain.opening_hours import OpeningHours
from routing.store import hubs
from routing.store.clock import now
from routing.store.hubs import HubRecord, MachineRecord

ENROLMENT_PREFIX = "he_"


@dataclass(frozen=True, slots=True)
class NewMachine:
    """A machine of a new hub."""

    name: str
    profile_id: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A new hub. `slug` names it once and for all; `stock` is in grams by material."""

    slug: str
    name: str
    place: Place
    hours: OpeningHours
    machines: Sequence[NewMachine]
    stock: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Registered:
    """The hub as it is kept; the token is known here and nowhere else, None where an agent enrolled already."""

    hub_id: str
    machines: Sequence[MachineRecord]
    enrolment_token: str | None
    created: bool


async def register_hub(command: Registration, principal: Principal, uow: UnitOfWork) -> Registered:
    """Register the hub. One of the same slug is left as it is, and gets a fresh token unless an agent has enrolled.

    Raises the problem `slug-taken` where the slug is another organisation's.
    """
    token = ENROLMENT_PREFIX + secrets.token_urlsafe(32)
    at = await now(uow.session)
    hub = HubRecord(
        id=uuid7(),
        slug=command.slug,
        name=command.name,
        organisation_id=principal.organisation_id,
        place=command.place,
        hours=command.hours,
        enrolment_token_sha256=key_hash(token),
    )
    machines = [MachineRecord(uuid7(), hub.id, each.name, each.profile_id) for each in command.machines]
    if not await hubs.add(uow.session, hub, machines, at):
        return await _again(command.slug, principal, token, uow)
    await hubs.set_stock(uow.session, hub.id, command.stock)
    await hubs.note(uow.session, [hub.id], "registered", at)
    return Registered(hub.id, machines, token, created=True)


async def _again(slug: str, principal: Principal, token: str, uow: UnitOfWork) -> Registered:
    hub = await hubs.take_by_slug(uow.session, slug)
    if hub is None or not principal.owns(hub.organisation_id):
        raise Conflict("slug-taken", f"Another organisation's hub is called {slug}; choose another slug.")
    fresh = None
    if not hub.enrolled:
        fresh = token
        await hubs.set_enrolment_token(uow.session, hub.id, key_hash(token))
    machines = (await hubs.machines_of(uow.session, [hub.id]))[hub.id]
    return Registered(hub.id, machines, fresh, created=False)
