"""The digital inventory, searched and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.domain.designs import Design, DesignVersion
from catalog.store.rows import design_of, version_of
from catalog.store.searching import contains_all
from catalog.store.tables import designs, fits, versions


@dataclass(frozen=True, slots=True)
class Search:
    """What designs are looked for; empty fields do not matter. `fits` are words of one machine's maker, model or part
    number; `text` are words of title, summary, tags or slug.
    """

    fits: str = ""
    text: str = ""
    material: str = ""
    tag: str = ""
    after_id: str = ""


async def find_designs(session: AsyncSession, search: Search, limit: int) -> Sequence[tuple[Design, DesignVersion]]:
    """Designs with their current version, in the order of their making; withdrawn ones are left out."""
    rows = await session.execute(_matching(search).order_by(designs.c.id).limit(limit))
    found = [design_of(row) for row in rows]
    wanted = [design.current_version_id for design in found]
    current = {
        row.id: version_of(row) for row in await session.execute(select(versions).where(versions.c.id.in_(wanted)))
    }
    return [(design, current[design.current_version_id]) for design in found if design.current_version_id]


def _matching(search: Search) -> Select[Any]:
    joined = versions.c.id == designs.c.current_version_id
    chosen = select(designs).join(versions, joined).where(designs.c.id > search.after_id)
    if search.text:
        chosen = chosen.where(contains_all(versions.c.search_text + " " + designs.c.slug, search.text))
    if search.fits:
        one_fit = exists().where(fits.c.version_id == versions.c.id, contains_all(fits.c.search_text, search.fits))
        chosen = chosen.where(one_fit)
    if search.material:
        chosen = chosen.where(versions.c.materials.contains([search.material]))
    if search.tag:
        chosen = chosen.where(versions.c.tags.contains([search.tag.lower()]))
    return chosen
