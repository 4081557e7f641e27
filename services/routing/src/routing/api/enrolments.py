"""`/routing/v1/enrolments`: a hub's agent joins."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from chassis import http
from chassis.auth import public
from chassis.http import Body, Text
from chassis.problems import problem_responses
from routing.state import State
from routing.usecases.enrol_hub import enrol_hub

router = http.router("/routing/v1")


class EnrolmentBody(Body):
    """The hub's token, and the public key of the pair that the agent made and keeps."""

    token: Text = Field(min_length=1, max_length=200)
    public_nkey: Text = Field(min_length=1, max_length=100)


@router.post("/enrolments", responses=problem_responses(401, 409, 422))
@public
async def enrol(body: EnrolmentBody, request: Request) -> Response:
    """Trade the enrolment token for a NATS identity. The token is good for one key."""
    state: State = request.app.state.service
    async with state.units.begin() as uow:
        done = await enrol_hub(body.token, body.public_nkey, state.minting, uow)
    shape = {
        "hub_id": done.hub_id,
        "nats_url": state.minting.nats_url,
        "nats_jwt": done.nats_jwt,
        "machines": [{"id": each.id, "name": each.name, "profile_id": each.profile_id} for each in done.machines],
    }
    return JSONResponse(shape, headers={"Cache-Control": "no-store"})
