"""What organisations may see: inspections, nonconformances and plans of their own orders; the operator sees all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from quality.domain.inspections import Inspection, Nonconformance
from quality.domain.plans import InspectionPlan
from quality.store.inspections import load
from quality.store.rows import nonconformance_of, plan_of
from quality.store.tables import inspection_plans, inspections, nonconformances, orders

Seer = str | None
"""The organisation that looks; None is the operator, who sees everything."""


async def find_inspections(
    session: AsyncSession, seer: Seer, *, order: str, status: str, after_id: str, limit: int
) -> list[Inspection]:
    """Inspections in the order of their opening; empty filters do not matter."""
    chosen = select(inspections).where(inspections.c.id > after_id, _seen(inspections, seer))
    if order:
        chosen = chosen.where(inspections.c.order_id == order)
    if status:
        chosen = chosen.where(inspections.c.status == status)
    return await load(session, chosen.order_by(inspections.c.id).limit(limit))


async def inspection_seen(session: AsyncSession, seer: Seer, inspection_id: str) -> Inspection | None:
    """The inspection of that id, where it may be seen."""
    found = await load(session, select(inspections).where(inspections.c.id == inspection_id, _seen(inspections, seer)))
    return found[0] if found else None


async def find_nonconformances(
    session: AsyncSession, seer: Seer, *, order: str, machine: str, after_id: str, limit: int
) -> list[Nonconformance]:
    """Nonconformances in the order of their opening; empty filters do not matter."""
    table = nonconformances
    chosen: Select[Any] = select(table).where(table.c.id > after_id, _seen(table, seer))
    if order:
        chosen = chosen.where(table.c.order_id == order)
    if machine:
        chosen = chosen.where(table.c.machine_id == machine)
    rows = await session.execute(chosen.order_by(table.c.id).limit(limit))
    return [nonconformance_of(row) for row in rows]


async def plan_seen(session: AsyncSession, seer: Seer, plan_id: str) -> InspectionPlan | None:
    """The plan of that id, where an inspection by it may be seen."""
    used = select(inspections.c.id).where(inspections.c.plan_id == inspection_plans.c.id, _seen(inspections, seer))
    chosen = select(inspection_plans).where(inspection_plans.c.id == plan_id, used.exists())
    row = (await session.execute(chosen)).first()
    return None if row is None else plan_of(row)


def _seen(table: Table, seer: Seer) -> ColumnElement[bool]:
    """Whether the order of a row is known to be the seer's."""
    own = select(orders.c.id).where(orders.c.id == table.c.order_id)
    if seer is None:
        return table.c.order_id.is_not(None)
    return own.where(orders.c.organisation_id == seer).exists()
