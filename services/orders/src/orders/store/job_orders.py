"""Job orders as orders knows them, and the assessments that they are made from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.making import JobOrder, Measured, Program
from orders.store.tables import assessments, job_orders, orders


async def begin(session: AsyncSession, job_order: JobOrder) -> None:
    """Store a new job order."""
    await session.execute(
        insert(job_orders).values(
            id=job_order.id,
            order_id=job_order.order_id,
            part_ids=list(job_order.part_ids),
            state=job_order.state,
        )
    )


async def load(session: AsyncSession, job_order_id: str) -> JobOrder | None:
    """A job order, or None."""
    row = (await session.execute(select(job_orders).where(job_orders.c.id == job_order_id))).first()
    return None if row is None else job_order_of(row)


async def of_order(session: AsyncSession, order_id: str) -> list[JobOrder]:
    """All job orders of an order, in the order of their making."""
    chosen = select(job_orders).where(job_orders.c.order_id == order_id).order_by(job_orders.c.id)
    return [job_order_of(row) for row in await session.execute(chosen)]


async def save(session: AsyncSession, job_order: JobOrder) -> None:
    """Write what can change of a job order."""
    program = None if job_order.program is None else asdict(job_order.program)
    made = {
        "part_ids": job_order.made_part_ids,
        "program_sha256": job_order.made_program_sha256,
        "measurements": [asdict(each) for each in job_order.measurements],
    }
    await session.execute(
        update(job_orders)
        .where(job_orders.c.id == job_order.id)
        .values(
            state=job_order.state,
            hub_id=job_order.hub_id,
            hub_name=job_order.hub_name,
            machine_id=job_order.machine_id,
            profile_id=job_order.profile_id,
            fencing_token=job_order.fencing_token,
            program=program,
            made=made if job_order.made_part_ids else None,
        )
    )


async def cancel(session: AsyncSession, job_order_id: str) -> bool:
    """Mark a job order as cancelled; False where it has come to its end already."""
    done = await session.execute(
        update(job_orders)
        .where(job_orders.c.id == job_order_id, job_orders.c.state.not_in(("completed", "cancelled")))
        .values(state="cancelled")
        .returning(job_orders.c.id)
    )
    return done.first() is not None


async def keep_assessment(session: AsyncSession, assessment_id: str, message: bytes) -> None:
    """Store an assessment's message; the same one again changes nothing."""
    row = upsert(assessments).values(id=assessment_id, message=message)
    await session.execute(row.on_conflict_do_nothing())


async def assessment_of(session: AsyncSession, order_id: str) -> bytes:
    """The message of the assessment that an order is made from. Raises LookupError where it has none yet."""
    chosen = (
        select(assessments.c.message)
        .join(orders, orders.c.assessment_id == assessments.c.id)
        .where(orders.c.id == order_id)
    )
    message = (await session.execute(chosen)).scalar_one_or_none()
    if message is None:
        raise LookupError(f"order {order_id} is not assessed")
    return bytes(message)


def job_order_of(row: Any) -> JobOrder:
    """A row as a job order."""
    made = row.made or {}
    return JobOrder(
        id=row.id,
        order_id=row.order_id,
        part_ids=tuple(row.part_ids),
        state=row.state,
        hub_id=row.hub_id,
        hub_name=row.hub_name,
        machine_id=row.machine_id,
        profile_id=row.profile_id,
        fencing_token=row.fencing_token,
        program=_program(row.program),
        made_part_ids=tuple(made.get("part_ids", ())),
        made_program_sha256=made.get("program_sha256", ""),
        measurements=tuple(Measured(**each) for each in made.get("measurements", ())),
    )


def _program(kept: dict[str, Any] | None) -> Program | None:
    if kept is None:
        return None
    return Program(**{**kept, "placements": tuple(tuple(matrix) for matrix in kept["placements"])})
