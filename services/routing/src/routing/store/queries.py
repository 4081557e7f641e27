"""Reads: what the public API shows, and what the sweeper looks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.job_order import State
from routing.domain.network import Presence
from routing.store.job_orders import IS_PLACED
from routing.store.tables import allocations, hubs, job_orders, network, network_events

_EVENTS = 20


async def due(session: AsyncSession, hub_lost_s: float, retry_s: float) -> tuple[bool, bool, bool]:
    """Whether hubs are silent, leases have run out, job orders are to be tried again."""
    at = func.clock_timestamp()
    c = job_orders.c
    changed_at = select(network.c.changed_at).scalar_subquery()
    silent = and_(hubs.c.presence == Presence.ONLINE, hubs.c.last_heard_at < at - timedelta(seconds=hub_lost_s))
    tried_long_ago = or_(c.tried_at.is_(None), c.tried_at <= at - timedelta(seconds=retry_s), c.tried_at <= changed_at)
    row = await session.execute(
        select(
            exists().where(silent),
            exists().where(IS_PLACED, c.lease_expires_at <= at),
            exists().where(c.state == State.WAITING, tried_long_ago),
        )
    )
    a, b, c_ = row.one()
    return bool(a), bool(b), bool(c_)


async def retry_limit(session: AsyncSession, before: datetime) -> datetime:
    """Those tried before this moment are due: `before`, or later where the network has changed since."""
    changed_at: datetime = (await session.execute(select(network.c.changed_at))).scalar_one()
    return max(before, changed_at)


async def hubs_page(session: AsyncSession, after: str | None, limit: int) -> list[Row[Any]]:
    """Hubs in the order of their ids."""
    chosen = select(hubs).order_by(hubs.c.id).limit(limit)
    if after is not None:
        chosen = chosen.where(hubs.c.id > after)
    return list(await session.execute(chosen))


async def hub(session: AsyncSession, hub_id: str) -> Row[Any] | None:
    """One hub."""
    return (await session.execute(select(hubs).where(hubs.c.id == hub_id))).first()


async def hub_events(session: AsyncSession, hub_id: str) -> list[dict[str, Any]]:
    """What happened to a hub last, newest first."""
    c = network_events.c
    rows = await session.execute(select(c.what, c.at).where(c.hub_id == hub_id).order_by(c.id.desc()).limit(_EVENTS))
    return [{"what": row.what, "at": row.at} for row in rows]


async def job_order(session: AsyncSession, job_order_id: str) -> Row[Any] | None:
    """One job order, with the name of its hub."""
    chosen = (
        select(job_orders, hubs.c.name.label("hub_name"))
        .outerjoin(hubs, hubs.c.id == job_orders.c.hub_id)
        .where(job_orders.c.id == job_order_id)
    )
    return (await session.execute(chosen)).first()


async def decisions(session: AsyncSession, job_order_id: str) -> list[Row[Any]]:
    """The decisions of a job order, oldest first."""
    c = allocations.c
    return list(await session.execute(select(allocations).where(c.job_order_id == job_order_id).order_by(c.id)))
