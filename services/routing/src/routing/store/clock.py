"""The database's clock decides when a lease is over, for every process of routing alike."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

_ALLOCATION = 0x0FAB0001


async def now(session: AsyncSession) -> datetime:
    """The moment, in UTC. Ask after taking locks, not before."""
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment


async def lock_allocation(session: AsyncSession) -> None:
    """Allocations happen one after the other, so that two never promise the same stock. Taken before any row is locked;
    it ends with the transaction.
    """
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ALLOCATION})
