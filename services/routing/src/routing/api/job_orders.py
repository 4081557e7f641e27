"""`/routing/v1/job-orders/{id}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import http
from chassis.auth import Principal, Requires
from chassis.problems import NotFound, problem_responses
from routing.api.shapes import job_order_shape
from routing.state import State
from routing.store import queries

router = http.router("/routing/v1")


@router.get("/job-orders/{job_order_id}", responses=problem_responses(401, 403, 404))
async def show_job_order(
    job_order_id: str, request: Request, principal: Annotated[Principal, Depends(Requires("routing:read"))]
) -> dict[str, Any]:
    """How far a job order is, and which hub and machine hold it."""
    state: State = request.app.state.service
    async with state.units.read() as session:
        return job_order_shape(await own_job_order(job_order_id, principal, session))


async def own_job_order(job_order_id: str, principal: Principal, session: AsyncSession) -> Row[Any]:
    """The job order, if the caller may see it. Raises the problem `no-such-job-order`."""
    row = await queries.job_order(session, job_order_id) if job_order_id.isprintable() else None
    if row is None:
        raise NotFound("no-such-job-order", "There is no job order of that id.")
    principal.must_own(row.organisation_id, "job-order")
    return row
