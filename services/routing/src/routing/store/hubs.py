"""Hubs, their machines and stock: rows ⇄ domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.geography import Place
from routing.domain.heartbeats import MachineHeard
from routing.domain.network import MachineState, Presence
from routing.domain.opening_hours import OpeningHours
from routing.store.tables import hubs, machines, network, network_events, stock


@dataclass(frozen=True, slots=True)
class HubRecord:
    """A hub as it is kept. `enrolment_token_sha256` belongs to the one token that may enrol, or did."""

    id: str
    slug: str
    name: str
    organisation_id: str
    place: Place
    hours: OpeningHours
    presence: Presence = Presence.REGISTERED
    cordoned: bool = False
    last_heard_at: datetime | None = None
    enrolment_token_sha256: bytes | None = None
    public_nkey: str | None = None

    @property
    def enrolled(self) -> bool:
        """Whether an agent has enrolled for it."""
        return self.public_nkey is not None

    @property
    def state(self) -> str:
        """`cordoned` where somebody cordoned it, else whether it is heard."""
        return "cordoned" if self.cordoned else self.presence.value


@dataclass(frozen=True, slots=True)
class MachineRecord:
    """A machine as it is kept."""

    id: str
    hub_id: str
    name: str
    profile_id: str
    state: MachineState = MachineState.UNKNOWN
    heard_at: datetime | None = None


async def add(session: AsyncSession, hub: HubRecord, its: Sequence[MachineRecord], at: datetime) -> bool:
    """Insert a hub with its machines; False where there is one of its slug."""
    row = {**_hub_values(hub), "agent_version": "", "created_at": at}
    done = await session.execute(
        upsert(hubs).values(row).on_conflict_do_nothing(index_elements=["slug"]).returning(hubs.c.id)
    )
    if done.first() is None:
        return False
    rows = [
        {"id": each.id, "hub_id": hub.id, "name": each.name, "profile_id": each.profile_id, "state": each.state.value}
        for each in its
    ]
    await session.execute(insert(machines), rows)
    return True


async def take(session: AsyncSession, hub_id: str) -> HubRecord | None:
    """A hub, locked."""
    row = (await session.execute(select(hubs).where(hubs.c.id == hub_id).with_for_update())).first()
    return None if row is None else hub_of(row)


async def take_by_slug(session: AsyncSession, slug: str) -> HubRecord | None:
    """The hub of that slug, locked."""
    row = (await session.execute(select(hubs).where(hubs.c.slug == slug).with_for_update())).first()
    return None if row is None else hub_of(row)


async def take_by_enrolment_token(session: AsyncSession, token_sha256: bytes) -> HubRecord | None:
    """The hub that this token enrols or has enrolled, locked."""
    chosen = select(hubs).where(hubs.c.enrolment_token_sha256 == token_sha256).with_for_update()
    row = (await session.execute(chosen)).first()
    return None if row is None else hub_of(row)


async def take_silent(session: AsyncSession, heard_before: datetime) -> list[HubRecord]:
    """Online hubs that were not heard since, locked; those that speak just now are left alone."""
    silent = (
        select(hubs)
        .where(hubs.c.presence == Presence.ONLINE, hubs.c.last_heard_at < heard_before)
        .order_by(hubs.c.id)
        .with_for_update(skip_locked=True)
    )
    return [hub_of(row) for row in await session.execute(silent)]


async def presence_of(session: AsyncSession, hub_id: str) -> Presence | None:
    """Whether a hub is heard; None where there is no such hub."""
    found = (await session.execute(select(hubs.c.presence).where(hubs.c.id == hub_id))).scalar()
    return None if found is None else Presence(found)


async def names_of(session: AsyncSession, hub_ids: Iterable[str]) -> dict[str, str]:
    """Names by id."""
    rows = await session.execute(select(hubs.c.id, hubs.c.name).where(hubs.c.id.in_(sorted(hub_ids))))
    return {row.id: row.name for row in rows}


async def set_enrolment_token(session: AsyncSession, hub_id: str, token_sha256: bytes) -> None:
    """Replace the token that may enrol."""
    await _update(session, hub_id, enrolment_token_sha256=token_sha256)


async def set_enrolled(session: AsyncSession, hub_id: str, public_nkey: str, at: datetime) -> None:
    """An agent has enrolled with this key."""
    await _update(session, hub_id, public_nkey=public_nkey, enrolled_at=at)


async def set_heard(session: AsyncSession, hub_id: str, agent_version: str, at: datetime) -> None:
    """The hub spoke."""
    await _update(session, hub_id, presence=Presence.ONLINE.value, last_heard_at=at, agent_version=agent_version)


async def set_lost(session: AsyncSession, hub_ids: Sequence[str]) -> None:
    """These hubs are not heard any more."""
    await session.execute(update(hubs).where(hubs.c.id.in_(hub_ids)).values(presence=Presence.LOST.value))


async def set_cordoned(session: AsyncSession, hub_id: str, cordoned: bool) -> None:
    """Whether the hub takes no new job orders."""
    await _update(session, hub_id, cordoned=cordoned)


async def machines_of(session: AsyncSession, hub_ids: Sequence[str]) -> dict[str, list[MachineRecord]]:
    """The machines of hubs, by hub, in the order of their names."""
    rows = await session.execute(
        select(machines).where(machines.c.hub_id.in_(hub_ids)).order_by(machines.c.hub_id, machines.c.name)
    )
    found: dict[str, list[MachineRecord]] = {hub_id: [] for hub_id in hub_ids}
    for row in rows:
        record = MachineRecord(row.id, row.hub_id, row.name, row.profile_id, MachineState(row.state), row.heard_at)
        found[row.hub_id].append(record)
    return found


async def set_machines_heard(session: AsyncSession, heard: Sequence[MachineHeard], at: datetime) -> None:
    """What the hub says of its own machines."""
    rows = [{"b_id": each.machine_id, "state": each.state.value, "heard_at": at} for each in heard]
    if rows:
        values: dict[str, Any] = {"state": bindparam("state"), "heard_at": bindparam("heard_at")}
        await session.execute(update(machines).where(machines.c.id == bindparam("b_id")).values(values), rows)


async def stock_of(session: AsyncSession, hub_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """Grams by material, by hub."""
    rows = await session.execute(select(stock).where(stock.c.hub_id.in_(hub_ids)).order_by(stock.c.material_id))
    found: dict[str, dict[str, float]] = {hub_id: {} for hub_id in hub_ids}
    for row in rows:
        found[row.hub_id][row.material_id] = row.grams
    return found


async def set_stock(session: AsyncSession, hub_id: str, grams: Mapping[str, float]) -> None:
    """Replace what the hub has."""
    await session.execute(delete(stock).where(stock.c.hub_id == hub_id))
    if grams:
        rows = [{"hub_id": hub_id, "material_id": name, "grams": amount} for name, amount in sorted(grams.items())]
        await session.execute(insert(stock), rows)


async def book_stock(session: AsyncSession, hub_id: str, material_id: str, used_g: float) -> None:
    """Material was used up; what was counted wrong before ends at zero."""
    left = func.greatest(0.0, stock.c.grams - used_g)
    chosen = (stock.c.hub_id == hub_id, stock.c.material_id == material_id)
    await session.execute(update(stock).where(*chosen).values(grams=left))


async def note(session: AsyncSession, hub_ids: Iterable[str], what: str, at: datetime) -> None:
    """Remember that something happened to hubs: registered, enrolled, online, lost, recovered, cordoned, uncordoned."""
    rows = [{"hub_id": hub_id, "what": what, "at": at} for hub_id in hub_ids]
    if rows:
        await session.execute(insert(network_events), rows)


async def touch_network(session: AsyncSession) -> None:
    """The network can do more than before: waiting job orders are tried again."""
    await session.execute(update(network).values(changed_at=func.clock_timestamp()))


def hub_of(row: Row[Any]) -> HubRecord:
    """The hub in a row."""
    return HubRecord(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        place=Place(row.lat_deg, row.lon_deg),
        hours=_hours(row.timezone, tuple((day, *span) for day, span in row.opening_hours.items())),
        presence=Presence(row.presence),
        cordoned=row.cordoned,
        last_heard_at=row.last_heard_at,
        enrolment_token_sha256=row.enrolment_token_sha256,
        public_nkey=row.public_nkey,
    )


@lru_cache(maxsize=4096)
def _hours(timezone: str, week: tuple[tuple[str, str, str], ...]) -> OpeningHours:
    """Hubs are read far more often than their hours change."""
    return OpeningHours.of(timezone, {day: (opens, closes) for day, opens, closes in week})


def _hub_values(hub: HubRecord) -> dict[str, Any]:
    return {
        "id": hub.id,
        "slug": hub.slug,
        "name": hub.name,
        "organisation_id": hub.organisation_id,
        "lat_deg": hub.place.lat_deg,
        "lon_deg": hub.place.lon_deg,
        "timezone": hub.hours.timezone,
        "opening_hours": hub.hours.texts(),
        "presence": hub.presence.value,
        "cordoned": hub.cordoned,
        "enrolment_token_sha256": hub.enrolment_token_sha256,
    }


async def _update(session: AsyncSession, hub_id: str, **values: Any) -> None:
    await session.execute(update(hubs).where(hubs.c.id == hub_id).values(**values))
