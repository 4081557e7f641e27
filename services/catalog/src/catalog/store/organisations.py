"""Catalog's own copy of the organisations."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.store.tables import organisations


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant of the network."""

    id: str
    name: str
    kind: str


def folded(name: str) -> str:
    """A name as names are compared: without regard to case and spacing."""
    return " ".join(name.split()).casefold()


async def keep_organisation(session: AsyncSession, organisation: Organisation) -> None:
    """Store it, or what has changed of it."""
    row = {
        "id": organisation.id,
        "name": organisation.name,
        "folded_name": folded(organisation.name),
        "kind": organisation.kind,
    }
    statement = upsert(organisations).values(**row)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


async def organisations_called(session: AsyncSession, name_or_id: str) -> list[Organisation]:
    """Those of that id or name."""
    chosen = select(organisations).where(
        or_(organisations.c.id == name_or_id, organisations.c.folded_name == folded(name_or_id))
    )
    return [Organisation(row.id, row.name, row.kind) for row in await session.execute(chosen)]
