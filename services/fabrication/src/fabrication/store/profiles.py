"""Which revisions of machine profiles the mesh has been told of."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from fabrication.store.tables import released_profiles


async def mark_released(profile_id: str, revision: int, session: AsyncSession) -> bool:
    """Mark a revision as released; False where it was before."""
    row = upsert(released_profiles).values(profile_id=profile_id, revision=revision).on_conflict_do_nothing()
    return (await session.execute(row.returning(released_profiles.c.profile_id))).first() is not None
