"""Plans, inspections, measurements and nonconformances, written and read with all that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from quality.domain.inspections import Inspection, Nonconformance
from quality.domain.measurements import Measurement
from quality.domain.plans import InspectionPlan
from quality.store.rows import inspection_of, inspection_values, measurement_of, plan_of, plan_values
from quality.store.tables import inspection_plans, inspections, measurements, nonconformances


async def keep_plan(session: AsyncSession, plan: InspectionPlan) -> InspectionPlan:
    """The plan with that content: the one that is there, or this one."""
    values = plan_values(plan)
    await session.execute(upsert(inspection_plans).values(**values).on_conflict_do_nothing())
    chosen = select(inspection_plans).where(inspection_plans.c.content_sha256 == values["content_sha256"])
    return plan_of((await session.execute(chosen)).one())


async def add_inspection(session: AsyncSession, inspection: Inspection) -> bool:
    """Store a new inspection; False where its job order has one already, and nothing is stored."""
    row = upsert(inspections).values(**inspection_values(inspection)).on_conflict_do_nothing()
    if (await session.execute(row.returning(inspections.c.id))).first() is None:
        return False
    await _add_measurements(session, inspection.id, inspection.measurements)
    return True


async def add_measurement(session: AsyncSession, inspection: Inspection, measurement: Measurement) -> None:
    """Store one more value, and what it changed."""
    await _add_measurements(session, inspection.id, [measurement])
    changed = update(inspections).where(inspections.c.id == inspection.id).values(**inspection_values(inspection))
    await session.execute(changed)


async def _add_measurements(session: AsyncSession, inspection_id: str, added: Sequence[Measurement]) -> None:
    if added:
        await session.execute(insert(measurements), [asdict(each) | {"inspection_id": inspection_id} for each in added])


async def add_nonconformances(session: AsyncSession, opened: Sequence[Nonconformance]) -> None:
    """Store what was opened."""
    if opened:
        await session.execute(insert(nonconformances), [asdict(each) for each in opened])


async def locked_inspection(session: AsyncSession, inspection_id: str) -> Inspection | None:
    """The inspection of that id; others who would change it wait for this transaction."""
    found = await load(session, select(inspections).where(inspections.c.id == inspection_id).with_for_update())
    return found[0] if found else None


async def load(session: AsyncSession, chosen: Select[Any]) -> list[Inspection]:
    """The inspections that a select on `inspections` finds, in its order, with plans and measurements."""
    rows = (await session.execute(chosen)).all()
    plans = await _plans(session, {row.plan_id for row in rows})
    measured = await _measurements(session, rows)
    return [inspection_of(row, plans[row.plan_id], tuple(measured.get(row.id, ()))) for row in rows]


async def _plans(session: AsyncSession, ids: set[str]) -> dict[str, InspectionPlan]:
    rows = await session.execute(select(inspection_plans).where(inspection_plans.c.id.in_(ids)))
    return {row.id: plan_of(row) for row in rows}


async def _measurements(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[str, list[Measurement]]:
    chosen = select(measurements).where(measurements.c.inspection_id.in_([row.id for row in rows]))
    found: dict[str, list[Measurement]] = {}
    for row in await session.execute(chosen.order_by(measurements.c.sequence)):
        found.setdefault(row.inspection_id, []).append(measurement_of(row))
    return found
