"""`/routing/v1/allocations/{job_order}`: why there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from chassis import http
from chassis.auth import Principal, Requires
from chassis.problems import problem_responses
from routing.api.job_orders import own_job_order
from routing.api.shapes import decision_shape
from routing.state import State
from routing.store import queries

router = http.router("/routing/v1")


@router.get("/allocations/{job_order_id}", responses=problem_responses(401, 403, 404))
async def show_allocations(
    job_order_id: str, request: Request, principal: Annotated[Principal, Depends(Requires("routing:read"))]
) -> dict[str, Any]:
    """Every decision about a job order, oldest first: the choice with its cost, the runners-up, and for each machine
    that could not the reasons with the numbers that were compared. Costs are in micro-units of currency.
    """
    state: State = request.app.state.service
    async with state.units.read() as session:
        row = await own_job_order(job_order_id, principal, session)
        items = [decision_shape(each) for each in await queries.decisions(session, row.id)]
    return {"job_order_id": row.id, "order_id": row.order_id, "items": items}
