"""`/fabrication/v1/estimates`: what a configuration would be and take, before it is ordered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import Field, JsonValue

from chassis.auth import Principal, Requires
from chassis.http import Body, Text, router
from chassis.problems import Unavailable, Unprocessable, problem_responses
from fabrication.api import shapes
from fabrication.api.state import ApiState
from fabrication.domain.configurations import ConfigurationInvalid
from fabrication.domain.estimates import Refused
from fabrication.usecases.estimate import EstimateRequest, estimate
from messaging.errors import RequestFailed

ROUTER = router("/fabrication/v1")


class EstimateBody(Body):
    """A configuration of a design, named by its id or slug; parameters left out stay at their defaults."""

    design: Annotated[Text, Field(min_length=1, max_length=100)]
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    parameters: Annotated[dict[str, JsonValue], Field(max_length=200)] = Field(default_factory=dict)
    material: Annotated[Text, Field(min_length=1, max_length=100)]


@ROUTER.post("/estimates", responses=problem_responses(401, 403, 422, 503))
async def make_estimate(
    body: EstimateBody, request: Request, _: Annotated[Principal, Depends(Requires("fabrication:read"))]
) -> dict[str, Any]:
    """Size, mass, and for each machine profile whether it can make it, how long that takes and how much material."""
    state: ApiState = request.app.state.service
    asked = EstimateRequest(body.design, body.version, body.parameters, body.material)
    try:
        done = await estimate(asked, state.units, state.mesh, state.estimate_timeout_s)
    except ConfigurationInvalid as invalid:
        raise Unprocessable(invalid.code, invalid.message) from None
    except RequestFailed as error:
        raise Unavailable("cad-away", "The CAD workers do not answer now; try again.") from error
    if isinstance(done.found, Refused):
        details = "; ".join(finding.message for finding in done.found.findings)
        raise Unprocessable("configuration-refused", details, findings=shapes.findings(done.found.findings))
    return shapes.estimate(done, done.found)
