"""Quality's own copies: whose an order is, and how a design version is checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from quality.domain.plans import Rule
from quality.store.rows import rule_of
from quality.store.tables import design_versions, orders


@dataclass(frozen=True, slots=True)
class DesignVersion:
    """A released version of a design, as far as it is checked here."""

    id: str
    design_id: str
    slug: str
    number: int
    title: str
    rules: tuple[Rule, ...]


async def keep_order(session: AsyncSession, order_id: str, organisation_id: str) -> None:
    """Remember whose an order is; that never changes."""
    await session.execute(upsert(orders).values(id=order_id, organisation_id=organisation_id).on_conflict_do_nothing())


async def keep_version(session: AsyncSession, version: DesignVersion) -> None:
    """Remember a version; a version never changes."""
    await session.execute(upsert(design_versions).values(**asdict(version)).on_conflict_do_nothing())


async def version_of_id(session: AsyncSession, version_id: str) -> DesignVersion | None:
    """The version of that id, where it was heard of."""
    row = (await session.execute(select(design_versions).where(design_versions.c.id == version_id))).first()
    if row is None:
        return None
    rules = tuple(rule_of(each) for each in row.rules)
    return DesignVersion(row.id, row.design_id, row.slug, row.number, row.title, rules)
