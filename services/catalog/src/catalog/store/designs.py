"""Designs and their versions, written and found one at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.domain.designs import Design, DesignVersion, Withdrawal
from catalog.store.organisations import folded
from catalog.store.rows import design_of, design_values, version_of, version_values
from catalog.store.searching import search_text
from catalog.store.tables import designs, fits, models, versions


async def lock_slug(session: AsyncSession, slug: str) -> None:
    """Publications under one slug wait for each other; the lock ends with the transaction."""
    await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": slug})


async def design_called(session: AsyncSession, name: str, *, lock: bool = False) -> Design | None:
    """The design of that slug or id."""
    chosen = select(designs).where((designs.c.slug == name) | (designs.c.id == name))
    row = (await session.execute(chosen.with_for_update() if lock else chosen)).first()
    return None if row is None else design_of(row)


async def keep_design(session: AsyncSession, design: Design) -> None:
    """Store what has changed of a design."""
    await session.execute(update(designs).where(designs.c.id == design.id).values(**design_values(design)))


async def add_design(session: AsyncSession, design: Design) -> None:
    """Store a new design."""
    await session.execute(insert(designs).values(**design_values(design)))


async def designs_in_trust(session: AsyncSession, name: str) -> list[Design]:
    """The designs that are held in trust for a rights-holder of that name, locked."""
    rows = await session.execute(select(designs).where(designs.c.held_in_trust).with_for_update())
    return [design_of(row) for row in rows if folded(row.rights_holder_name) == folded(name)]


async def add_version(
    session: AsyncSession, version: DesignVersion, *, model: str, design_toml: str, published_by: str
) -> None:
    """Store a new version with what was published."""
    await session.execute(insert(versions).values(**version_values(version)))
    await session.execute(
        insert(models).values(version_id=version.id, source=model, design_toml=design_toml, published_by=published_by)
    )
    rows = [
        {"version_id": version.id, "search_text": search_text(fit.maker, fit.model, fit.part_number)}
        for fit in version.fits
    ]
    if rows:
        await session.execute(insert(fits), rows)


async def next_number(session: AsyncSession, design_id: str) -> int:
    """The number of a design's next version."""
    highest = select(func.max(versions.c.number)).where(versions.c.design_id == design_id)
    return ((await session.execute(highest)).scalar() or 0) + 1


async def version_of_content(session: AsyncSession, design_id: str, sha256: str) -> DesignVersion | None:
    """The version of a design that has that content."""
    chosen = select(versions).where(versions.c.design_id == design_id, versions.c.content_sha256 == sha256)
    row = (await session.execute(chosen)).first()
    return None if row is None else version_of(row)


async def versions_of(session: AsyncSession, design_id: str) -> Sequence[DesignVersion]:
    """All versions of a design, the oldest first."""
    rows = await session.execute(select(versions).where(versions.c.design_id == design_id).order_by(versions.c.number))
    return [version_of(row) for row in rows]


async def version_called(session: AsyncSession, design_id: str, name: str) -> DesignVersion | None:
    """The version of a design with that number or id."""
    chosen = select(versions).where(versions.c.design_id == design_id)
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 9 else None
    chosen = chosen.where(versions.c.number == number if number is not None else versions.c.id == name)
    row = (await session.execute(chosen)).first()
    return None if row is None else version_of(row)


async def model_source(session: AsyncSession, version_id: str) -> str:
    """The script of a version, as it was published."""
    return str((await session.execute(select(models.c.source).where(models.c.version_id == version_id))).scalar_one())


async def keep_withdrawal(session: AsyncSession, version_id: str, withdrawal: Withdrawal) -> None:
    """Store that a version is withdrawn."""
    values = {"withdrawn_at": withdrawal.at, "withdrawn_why": withdrawal.why}
    await session.execute(update(versions).where(versions.c.id == version_id).values(**values))
