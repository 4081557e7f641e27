"""Design versions as the catalogue released them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from fabrication.domain.configurations import DesignVersion, Parameter
from fabrication.domain.records import from_record, to_record
from fabrication.store.tables import design_versions

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def keep(version: DesignVersion, session: AsyncSession) -> None:
    """Keep a released version; one that is there already stays as it is: versions are immutable."""
    row = {
        "version_id": version.version_id,
        "design_id": version.design_id,
        "slug": version.slug,
        "version": version.version,
        "rights_holder_id": version.rights_holder_id,
        "model_source": version.model_source,
        "requires": list(version.requires),
        "parameters": to_record(version.parameters),
        "materials": list(version.materials),
    }
    await session.execute(upsert(design_versions).values(**row).on_conflict_do_nothing())


async def withdraw(version_id: str, session: AsyncSession) -> bool:
    """Mark a version as withdrawn; False where it is not known."""
    marked = await session.execute(
        update(design_versions)
        .where(design_versions.c.version_id == version_id)
        .values(withdrawn_at=func.coalesce(design_versions.c.withdrawn_at, func.clock_timestamp()))
        .returning(design_versions.c.version_id)
    )
    return marked.first() is not None


async def find(version_id: str, session: AsyncSession) -> DesignVersion | None:
    """The version of that id."""
    row = (await session.execute(select(design_versions).where(design_versions.c.version_id == version_id))).first()
    return None if row is None else _version(row)


async def newest(design: str, version: int | None, session: AsyncSession) -> DesignVersion | None:
    """The version of a design, named by its id or slug: that of the number, else the newest that may be ordered."""
    table = design_versions
    named = table.c.design_id == design if _ID.fullmatch(design) else table.c.slug == design
    chosen = table.c.withdrawn_at.is_(None) if version is None else table.c.version == version
    query = select(table).where(named, chosen).order_by(table.c.version.desc()).limit(1)
    row = (await session.execute(query)).first()
    return None if row is None else _version(row)


async def exists(design: str, session: AsyncSession) -> bool:
    """Whether any version of the design is known, withdrawn ones included."""
    table = design_versions
    query = select(table.c.version_id).where(or_(table.c.design_id == design, table.c.slug == design)).limit(1)
    return (await session.execute(query)).first() is not None


def _version(row: Row[Any]) -> DesignVersion:
    return DesignVersion(
        version_id=row.version_id,
        design_id=row.design_id,
        slug=row.slug,
        version=row.version,
        rights_holder_id=row.rights_holder_id,
        model_source=row.model_source,
        requires=tuple(row.requires),
        parameters=tuple(from_record(Parameter, each, "parameters") for each in row.parameters),
        materials=tuple(row.materials),
        withdrawn=row.withdrawn_at is not None,
    )
