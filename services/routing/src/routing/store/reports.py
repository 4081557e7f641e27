"""Which reports were heard, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.reports import Report
from routing.store.tables import allocations, reports, superfluous_parts


async def heard(session: AsyncSession, report: Report) -> bool:
    """Whether the hub's report was taken before."""
    chosen = select(reports.c.report_id).where(
        reports.c.hub_id == report.speaker.hub_id, reports.c.report_id == report.id
    )
    return (await session.execute(chosen)).first() is not None


async def add(session: AsyncSession, report: Report, why_refused: str, at: datetime) -> None:
    """Remember a report; `why_refused` is empty where it counts."""
    row = {
        "hub_id": report.speaker.hub_id,
        "report_id": report.id,
        "job_order_id": report.job_order_id,
        "machine_id": report.speaker.machine_id,
        "token": report.speaker.token,
        "sequence": report.sequence,
        "kind": report.kind,
        "accepted": not why_refused,
        "why": why_refused,
        "heard_at": at,
    }
    await session.execute(upsert(reports).values(row).on_conflict_do_nothing())


async def was_given(session: AsyncSession, report: Report) -> bool:
    """Whether the report's token was once given to its speaker for this job order."""
    c = allocations.c
    chosen = c.record["chosen"]
    given = select(c.id).where(
        c.job_order_id == report.job_order_id,
        c.token == report.speaker.token,
        chosen["hub_id"].astext == report.speaker.hub_id,
        chosen["machine_id"].astext == report.speaker.machine_id,
    )
    return (await session.execute(given)).first() is not None


async def add_superfluous(
    session: AsyncSession, report: Report, part_ids: tuple[str, ...], used_g: float, at: datetime
) -> bool:
    """Record parts that nobody asked for any more; False where they are recorded already."""
    row = {
        "job_order_id": report.job_order_id,
        "token": report.speaker.token,
        "hub_id": report.speaker.hub_id,
        "machine_id": report.speaker.machine_id,
        "part_ids": list(part_ids),
        "used_g": used_g,
        "recorded_at": at,
    }
    done = await session.execute(
        upsert(superfluous_parts).values(row).on_conflict_do_nothing().returning(superfluous_parts.c.token)
    )
    return done.first() is not None
