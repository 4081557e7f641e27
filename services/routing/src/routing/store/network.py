"""The network as one decision sees it: hubs, free stock, machines and what stands before them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.network import HubView, MachineState, MachineView, Network
from routing.store.hubs import hub_of
from routing.store.job_orders import IS_PLACED
from routing.store.profiles import volumes
from routing.store.tables import hubs, job_orders, machines, stock


async def load(session: AsyncSession, *, without: Collection[str] = ()) -> Network:
    """The network now; the job orders `without` neither queue nor reserve anything in it.

    Call it under the lock of allocation.
    """
    views = await _hubs(session)
    await _stock(session, views, without)
    return Network(await _machines(session, views, without), await volumes(session))


async def _hubs(session: AsyncSession) -> dict[str, HubView]:
    views = {}
    for row in await session.execute(select(hubs)):
        hub = hub_of(row)
        views[hub.id] = HubView(
            id=hub.id,
            name=hub.name,
            place=hub.place,
            hours=hub.hours,
            enrolled=hub.enrolled,
            presence=hub.presence,
            cordoned=hub.cordoned,
            last_heard_at=hub.last_heard_at,
        )
    return views


async def _stock(session: AsyncSession, views: dict[str, HubView], without: Collection[str]) -> None:
    for row in await session.execute(select(stock)):
        views[row.hub_id].free_g[row.material_id] = row.grams
    c = job_orders.c
    reserved = (
        select(c.hub_id, c.material_id, func.sum(c.grams).label("grams"))
        .where(IS_PLACED, c.id.not_in(sorted(without)))
        .group_by(c.hub_id, c.material_id)
    )
    for row in await session.execute(reserved):
        free = views[row.hub_id].free_g
        free[row.material_id] = free.get(row.material_id, 0.0) - row.grams


async def _machines(
    session: AsyncSession, views: dict[str, HubView], without: Collection[str]
) -> tuple[MachineView, ...]:
    c = job_orders.c
    queue = (
        select(
            c.machine_id,
            func.count().label("ahead"),
            func.sum(c.minutes * (1 - c.fraction)).label("minutes"),
        )
        .where(IS_PLACED, c.id.not_in(sorted(without)))
        .group_by(c.machine_id)
        .subquery()
    )
    rows = await session.execute(
        select(machines, queue.c.ahead, queue.c.minutes)
        .outerjoin(queue, queue.c.machine_id == machines.c.id)
        .order_by(machines.c.id)
    )
    return tuple(
        MachineView(
            id=row.id,
            name=row.name,
            hub=views[row.hub_id],
            profile_id=row.profile_id,
            state=MachineState(row.state),
            heard_at=row.heard_at,
            ahead=row.ahead or 0,
            backlog_minutes=float(row.minutes or 0.0),
        )
        for row in rows
    )
