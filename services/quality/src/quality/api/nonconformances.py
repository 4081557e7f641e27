"""`/quality/v1/nonconformances`: parts that are not as they were ordered."""

from __future__ import annotations

from fastapi import Request

from chassis import pages
from chassis.http import router
from chassis.problems import problem_responses
from quality.api.access import Chosen, MayRead, seer_of, units_of
from quality.api.shapes import Json, nonconformance_json
from quality.store.queries import find_nonconformances

ROUTER = router("/quality/v1/nonconformances")


@ROUTER.get("", responses=problem_responses(400))
async def list_nonconformances(
    request: Request,
    principal: MayRead,
    order: Chosen = "",
    machine: Chosen = "",
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> Json:
    """Nonconformances of the caller's orders, the oldest first."""
    after = pages.decode(cursor)
    async with units_of(request).read() as session:
        found = await find_nonconformances(
            session,
            seer_of(principal),
            order=order,
            machine=machine,
            after_id=str(after[0]) if after else "",
            limit=limit + 1,
        )
    return pages.page([nonconformance_json(each) for each in found], limit)
