"""Whose an order is."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from fabrication.store.tables import orders


async def keep(order_id: str, organisation_id: str, session: AsyncSession) -> None:
    """Keep the organisation that placed an order."""
    row = upsert(orders).values(order_id=order_id, organisation_id=organisation_id)
    await session.execute(row.on_conflict_do_nothing())
