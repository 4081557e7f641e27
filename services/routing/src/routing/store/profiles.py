"""Routing's own copy of the machine profiles that fabrication releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.requirements import Size
from routing.store.tables import profiles


@dataclass(frozen=True, slots=True)
class Profile:
    """What routing knows of a machine profile."""

    id: str
    revision: str
    title: str
    process: str
    volume: Size
    material_ids: Sequence[str]


async def put(session: AsyncSession, profile: Profile) -> None:
    """Keep the newest revision that was heard."""
    values = {
        "revision": profile.revision,
        "title": profile.title,
        "process": profile.process,
        "x_mm": profile.volume.x_mm,
        "y_mm": profile.volume.y_mm,
        "z_mm": profile.volume.z_mm,
        "material_ids": list(profile.material_ids),
    }
    row = upsert(profiles).values(id=profile.id, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


async def volumes(session: AsyncSession) -> dict[str, Size]:
    """Work volumes by profile."""
    rows = await session.execute(select(profiles.c.id, profiles.c.x_mm, profiles.c.y_mm, profiles.c.z_mm))
    return {row.id: Size(row.x_mm, row.y_mm, row.z_mm) for row in rows}
