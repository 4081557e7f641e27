"""Organisations and keys as lists show them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.organisations import ApiKey, Organisation
from orders.store.organisations import key_of, organisation_of
from orders.store.tables import api_keys, organisations


async def organisations_listed(
    session: AsyncSession, *, organisation_id: str | None, after: str | None, limit: int
) -> list[Organisation]:
    """Organisations in the order of their registration: one (None: all), after an id, one more than `limit`."""
    chosen = select(organisations).order_by(organisations.c.id).limit(limit + 1)
    if organisation_id is not None:
        chosen = chosen.where(organisations.c.id == organisation_id)
    if after is not None:
        chosen = chosen.where(organisations.c.id > after)
    return [organisation_of(row) for row in await session.execute(chosen)]


async def keys_listed(session: AsyncSession, *, organisation_id: str, after: str | None, limit: int) -> list[ApiKey]:
    """An organisation's keys, the oldest first, after an id, one more than `limit`."""
    chosen = select(api_keys).where(api_keys.c.organisation_id == organisation_id).order_by(api_keys.c.id)
    if after is not None:
        chosen = chosen.where(api_keys.c.id > after)
    return [key_of(row) for row in await session.execute(chosen.limit(limit + 1))]
