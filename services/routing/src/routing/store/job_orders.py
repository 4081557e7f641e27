"""Job orders: rows ⇄ domain. Rows are locked in the order of their ids, after the row of their hub."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.job_order import PLACED, Estimate, Holder, JobOrder, Lease, State
from routing.store.documents import (
    program_document,
    program_of,
    reasons_document,
    reasons_of,
    requirements_document,
    requirements_of,
    setbacks_document,
    setbacks_of,
)
from routing.store.tables import fencing_tokens, job_orders

_c = job_orders.c
IS_PLACED = _c.state.in_(sorted(PLACED))


async def add(session: AsyncSession, job: JobOrder) -> bool:
    """Insert a job order; False where there is one of its id."""
    values = {**_identity(job), **_course(job)}
    done = await session.execute(upsert(job_orders).values(values).on_conflict_do_nothing().returning(_c.id))
    return done.first() is not None


async def take(session: AsyncSession, job_order_id: str) -> JobOrder | None:
    """One job order, locked."""
    found = await _locked(session, _c.id == job_order_id)
    return found[0] if found else None


async def take_of_hub(session: AsyncSession, hub_id: str, named: Collection[str] = ()) -> list[JobOrder]:
    """Those placed at a hub, and those named, locked."""
    return await _locked(session, or_((_c.hub_id == hub_id) & IS_PLACED, _c.id.in_(sorted(named))))


async def take_of_hubs(session: AsyncSession, hub_ids: Collection[str]) -> list[JobOrder]:
    """Those placed at any of these hubs, locked."""
    return await _locked(session, _c.hub_id.in_(sorted(hub_ids)) & IS_PLACED)


async def take_expired(session: AsyncSession, now: datetime, limit: int) -> list[JobOrder]:
    """Those whose lease has run out, the longest first, locked."""
    expired = select(_c.id).where(IS_PLACED, _c.lease_expires_at <= now).order_by(_c.lease_expires_at).limit(limit)
    return await _locked(session, _c.id.in_(expired.scalar_subquery()), IS_PLACED, _c.lease_expires_at <= now)


async def take_waiting(session: AsyncSession, tried_before: datetime, limit: int) -> list[JobOrder]:
    """Those that wait and were tried last before `tried_before`, oldest first, locked."""
    due = (
        select(_c.id)
        .where(_c.state == State.WAITING, or_(_c.tried_at.is_(None), _c.tried_at <= tried_before))
        .order_by(_c.created_at)
        .limit(limit)
    )
    found = await _locked(session, _c.id.in_(due.scalar_subquery()), _c.state == State.WAITING)
    return sorted(found, key=lambda job: job.id)


async def by_download_key(session: AsyncSession, key_sha256: bytes) -> JobOrder | None:
    """The job order whose claim was granted with this key."""
    row = (await session.execute(select(job_orders).where(_c.download_key_sha256 == key_sha256))).first()
    return None if row is None else job_order_of(row)


async def save(session: AsyncSession, jobs: Sequence[JobOrder], *, tried_at: datetime | None = None) -> None:
    """Write job orders that are locked; `tried_at` is set where a placing was tried."""
    if not jobs:
        return
    rows = [{"b_id": job.id, **_course(job)} for job in jobs]
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "b_id"}
    if tried_at is not None:
        columns["tried_at"] = bindparam("tried_at")
        rows = [{**row, "tried_at": tried_at} for row in rows]
    await session.execute(update(job_orders).where(_c.id == bindparam("b_id")).values(columns), rows)


async def issue_tokens(session: AsyncSession, count: int) -> list[int]:
    """New tokens, rising, each higher than every one that was issued before."""
    if not count:
        return []
    numbers = select(fencing_tokens.next_value()).select_from(func.generate_series(1, count).alias("numbers"))
    return sorted((await session.execute(numbers)).scalars())


def job_order_of(row: Row[Any]) -> JobOrder:
    """The job order in a row."""
    return JobOrder(
        id=row.id,
        order_id=row.order_id,
        organisation_id=row.organisation_id,
        requirements=requirements_of(row.requirements),
        state=State(row.state),
        version=row.version,
        token=row.token,
        lease=_lease_of(row),
        estimate=_estimate_of(row),
        program=program_of(row.program),
        setbacks=setbacks_of(row.setbacks),
        reasons=reasons_of(row.reasons),
        download_key_sha256=row.download_key_sha256,
        trace=row.trace,
    )


async def _locked(session: AsyncSession, *where: ColumnElement[bool]) -> list[JobOrder]:
    rows = await session.execute(select(job_orders).where(*where).order_by(_c.id).with_for_update())
    return [job_order_of(row) for row in rows]


def _lease_of(row: Row[Any]) -> Lease | None:
    if row.lease_token is None:
        return None
    return Lease(
        holder=Holder(row.hub_id, row.machine_id, row.lease_token),
        expires_at=row.lease_expires_at,
        lapsed=row.lapsed,
        claimed_at=row.claimed_at,
        started_at=row.started_at,
        fraction=row.fraction,
        last_sequence=row.last_sequence,
    )


def _estimate_of(row: Row[Any]) -> Estimate | None:
    if row.promised_at is None:
        return None
    return Estimate(row.minutes, row.grams, row.ahead, row.distance_km, row.promised_at)


def _identity(job: JobOrder) -> dict[str, Any]:
    """What never changes."""
    return {
        "id": job.id,
        "order_id": job.order_id,
        "organisation_id": job.organisation_id,
        "requirements": requirements_document(job.requirements),
        "material_id": job.requirements.material_id,
        "trace": dict(job.trace),
    }


def _course(job: JobOrder) -> dict[str, Any]:
    """What changes on the way."""
    lease, estimate = job.lease, job.estimate
    return {
        "state": job.state.value,
        "version": job.version,
        "token": job.token,
        "hub_id": lease.holder.hub_id if lease else None,
        "machine_id": lease.holder.machine_id if lease else None,
        "lease_token": lease.holder.token if lease else None,
        "lease_expires_at": lease.expires_at if lease else None,
        "lapsed": lease.lapsed if lease else False,
        "claimed_at": lease.claimed_at if lease else None,
        "started_at": lease.started_at if lease else None,
        "fraction": lease.fraction if lease else 0.0,
        "last_sequence": lease.last_sequence if lease else 0,
        "minutes": estimate.minutes if estimate else 0.0,
        "grams": estimate.grams if estimate else 0.0,
        "ahead": estimate.ahead if estimate else 0,
        "distance_km": estimate.distance_km if estimate else 0.0,
        "promised_at": estimate.promised_at if estimate else None,
        "program": program_document(job.program),
        "setbacks": setbacks_document(job.setbacks),
        "reasons": reasons_document(job.reasons),
        "download_key_sha256": job.download_key_sha256,
    }
