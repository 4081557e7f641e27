"""`/quality/v1/inspection-plans`: what is checked on a configuration."""

from __future__ import annotations

from fastapi import Request

from chassis.http import router
from chassis.problems import NotFound, problem_responses
from quality.api.access import Id, MayRead, seer_of, units_of
from quality.api.shapes import Json, plan_json
from quality.store.copies import version_of_id
from quality.store.queries import plan_seen

ROUTER = router("/quality/v1/inspection-plans")


@ROUTER.get("/{plan}", responses=problem_responses(404))
async def show_plan(request: Request, plan: Id, principal: MayRead) -> Json:
    """A plan by which a part of one of the caller's orders was inspected."""
    async with units_of(request).read() as session:
        found = await plan_seen(session, seer_of(principal), plan)
        if found is None:
            raise NotFound("no-such-plan", "There is no inspection plan of that id.")
        return plan_json(found, await version_of_id(session, found.version_id))
