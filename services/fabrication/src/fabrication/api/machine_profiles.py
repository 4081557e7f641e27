"""`/fabrication/v1/machine-profiles`: the machine models that programs can be made for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends

from chassis.auth import Principal, Requires
from chassis.http import router
from chassis.problems import problem_responses
from fabrication.api import shapes
from fabrication.data.library import machine_profiles

ROUTER = router("/fabrication/v1")


@ROUTER.get("/machine-profiles", responses=problem_responses(401, 403))
async def list_profiles(_: Annotated[Principal, Depends(Requires("fabrication:read"))]) -> dict[str, Any]:
    """Every machine profile, in one page."""
    return {"items": [shapes.profile(each) for each in machine_profiles().values()], "next_cursor": None}
