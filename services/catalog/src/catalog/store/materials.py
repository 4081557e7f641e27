"""The materials that designs may name."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.domain.materials import Material
from catalog.store.rows import material_of
from catalog.store.tables import materials


async def keep_material(session: AsyncSession, material: Material) -> int | None:
    """Store it; answers its new revision, or None where nothing has changed."""
    row = asdict(material) | {"content_sha256": material.content_sha256()}
    statement = upsert(materials).values(**row, revision=1)
    changed = statement.on_conflict_do_update(
        index_elements=["id"],
        set_=row | {"revision": materials.c.revision + 1, "released_at": func.now()},
        where=materials.c.content_sha256 != statement.excluded.content_sha256,
    )
    revision: int | None = (await session.execute(changed.returning(materials.c.revision))).scalar()
    return revision


async def all_materials(session: AsyncSession) -> dict[str, Material]:
    """Every material by its id."""
    rows = await session.execute(select(materials).order_by(materials.c.id))
    return {row.id: material_of(row) for row in rows}
