"""Organisations, their keys, and the keys with which tokens are signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.organisations import ApiKey, Organisation
from orders.store.tables import api_keys, organisations, signing_keys

_BOOTSTRAP = 0x0FAB0075


async def insert_organisation(session: AsyncSession, organisation: Organisation) -> bool:
    """Store an organisation; False where one of that name is there already."""
    row = upsert(organisations).values(id=organisation.id, name=organisation.name, kind=organisation.kind)
    done = await session.execute(row.on_conflict_do_nothing().returning(organisations.c.id))
    return done.first() is not None


async def organisation(session: AsyncSession, organisation_id: str) -> Organisation | None:
    """The organisation of that id, or None."""
    return await _one(session, organisations.c.id == organisation_id)


async def named(session: AsyncSession, name_or_id: str) -> Organisation | None:
    """The organisation of that name (case does not matter) or id, or None."""
    return await _one(
        session,
        or_(organisations.c.id == name_or_id.lower(), func.lower(organisations.c.name) == func.lower(name_or_id)),
    )


async def _one(session: AsyncSession, where: Any) -> Organisation | None:
    row = (await session.execute(select(organisations).where(where))).first()
    return None if row is None else organisation_of(row)


def organisation_of(row: Any) -> Organisation:
    """A row as an organisation."""
    return Organisation(row.id, row.name, row.kind)


async def insert_key(session: AsyncSession, key: ApiKey) -> bool:
    """Store a key; False where the same secret is there already."""
    row = upsert(api_keys).values(
        id=key.id,
        organisation_id=key.organisation_id,
        sha256=key.sha256,
        scopes=list(key.scopes),
        expires_at=key.expires_at,
    )
    done = await session.execute(row.on_conflict_do_nothing().returning(api_keys.c.id))
    return done.first() is not None


async def key(session: AsyncSession, key_id: str) -> ApiKey | None:
    """The key of that id, or None."""
    row = (await session.execute(select(api_keys).where(api_keys.c.id == key_id))).first()
    return None if row is None else key_of(row)


def key_of(row: Any) -> ApiKey:
    """A row as a key."""
    return ApiKey(row.id, row.organisation_id, row.sha256, tuple(row.scopes), row.expires_at, row.revoked_at)


async def revoke(session: AsyncSession, key_id: str, now: datetime) -> bool:
    """Mark a key as revoked; False where it was already."""
    done = await session.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(api_keys.c.id)
    )
    return done.first() is not None


async def hold_bootstrap(session: AsyncSession) -> None:
    """Let no second bootstrap run before this transaction ends."""
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _BOOTSTRAP})


async def insert_signing_key(session: AsyncSession, key_id: str, seed: bytes) -> None:
    """Store a key (32 bytes, Ed25519) that signs tokens from now on."""
    await session.execute(insert(signing_keys).values(id=key_id, seed=seed))


async def current_signing_keys(session: AsyncSession) -> list[tuple[str, bytes]]:
    """Those that are not retired, as (id, seed), the newest first."""
    chosen = (
        select(signing_keys.c.id, signing_keys.c.seed)
        .where(signing_keys.c.retired_at.is_(None))
        .order_by(signing_keys.c.created_at.desc())
    )
    return [(row.id, row.seed) for row in await session.execute(chosen)]
