"""`/catalog/v1/designs/{design}/versions/{version}`: one released version, its script, its withdrawal."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.api.designs import PREFIX, MayRead, MayWrite, Name, no_such_design, state_of
from catalog.api.shapes import Json, version_json
from catalog.domain.designs import Design, DesignVersion
from catalog.store.designs import design_called, model_source, version_called
from catalog.usecases.withdraw_version import WithdrawVersion, withdraw_version
from chassis.auth import Principal, Requires
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once
from chassis.problems import NotFound, problem_responses
from chassis.unit_of_work import UnitOfWork

ROUTER = router(PREFIX + "/{design}/versions/{version}")

MayReadArtefacts = Annotated[Principal, Depends(Requires("artefacts:read"))]


class Withdraw(Body):
    """Why a version is withdrawn; those who wait for it read this."""

    why: Annotated[Text, Field(min_length=1, max_length=500)]


@ROUTER.get("", responses=problem_responses(404))
async def show_version(request: Request, response: Response, design: Name, version: Name, _: MayRead) -> Json:
    """A version by its number or id."""
    async with state_of(request).units.read() as session:
        found, chosen = await _find(session, design, version)
    response.headers["ETag"] = f'"{chosen.content_sha256}"' if chosen.withdrawn is None else f'"{chosen.id}-withdrawn"'
    return version_json(found, chosen)


@ROUTER.get("/model", response_class=Response, responses=problem_responses(404))
async def read_model(request: Request, design: Name, version: Name, principal: MayReadArtefacts) -> Response:
    """The script of a version, for its rights-holder and the network's operator."""
    async with state_of(request).units.read() as session:
        found, chosen = await _find(session, design, version)
        principal.must_own(found.rights_holder.id, "model")
        source = await model_source(session, chosen.id)
    headers = {"ETag": f'"{chosen.content_sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(source, media_type="text/x-python; charset=utf-8", headers=headers)


@ROUTER.post("/withdraw", responses=problem_responses(404, 422))
async def withdraw(
    request: Request, design: Name, version: Name, body: Withdraw, principal: MayWrite, key: OptionalKey = None
) -> Response:
    """Withdraw a version: it is never started again. Repeating it changes nothing."""
    state = state_of(request)
    async with state.units.read() as session:
        found, chosen = await _find(session, design, version)
    principal.must_own(found.rights_holder.id, "version")

    async def act(uow: UnitOfWork) -> Response:
        done = await withdraw_version(WithdrawVersion(found.id, chosen.id, body.why.strip()), uow)
        return JSONResponse(version_json(*done))

    return await once(state.units, request, principal, key, act)


async def _find(session: AsyncSession, design: str, version: str) -> tuple[Design, DesignVersion]:
    found = await design_called(session, design)
    if found is None:
        raise no_such_design()
    chosen = await version_called(session, found.id, version)
    if chosen is None:
        raise NotFound("no-such-version", "The design has no version of that number or id.")
    return found, chosen
