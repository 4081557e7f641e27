"""`/catalog/v1/designs`: publish, find and show designs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from catalog.api.problems import as_problems
from catalog.api.shapes import Json, design_item, design_json, version_json
from catalog.api.submission import REQUEST_BODY, read_submission
from catalog.domain.designs import Design
from catalog.state import CatalogState
from catalog.store.designs import design_called, versions_of
from catalog.store.queries import Search, find_designs
from catalog.usecases.examine_design import ExamineDesign, examine_design
from catalog.usecases.place_design import Publisher
from catalog.usecases.release_version import Published, release_version
from chassis import pages
from chassis.auth import Principal, Requires
from chassis.http import Text, router
from chassis.idempotency import OptionalKey, once
from chassis.problems import NotFound, problem_responses
from chassis.unit_of_work import UnitOfWork

PREFIX = "/catalog/v1/designs"
ROUTER = router(PREFIX)

Name = Annotated[Text, Path(max_length=100)]
Words = Annotated[Text, Query(max_length=200)]
MayRead = Annotated[Principal, Depends(Requires("catalog:read"))]
MayWrite = Annotated[Principal, Depends(Requires("catalog:write"))]


def state_of(request: Request) -> CatalogState:
    """What the composition root prepared for the API."""
    state: CatalogState = request.app.state.service
    return state


def no_such_design() -> NotFound:
    """The answer for a design that is not there."""
    return NotFound("no-such-design", "There is no design of that slug or id.")


@ROUTER.post(
    "",
    status_code=201,
    openapi_extra=REQUEST_BODY,
    responses={
        200: {"description": "The content was released before"},
        **problem_responses(400, 403, 409, 413, 422, 503),
    },
)
async def publish_design(request: Request, principal: MayWrite, key: OptionalKey = None) -> Response:
    """Release a script with its design.toml as the design's next version; the same content again answers 200."""
    submitted = await read_submission(request)
    state = state_of(request)
    publisher = Publisher(principal.organisation_id, principal.is_operator)
    command = ExamineDesign(submitted.model, submitted.design, publisher)

    async def release(uow: UnitOfWork) -> Response:
        return _published(await release_version(examined, uow))

    with as_problems():
        examined = await examine_design(command, state.units, state.inspect, state.allowed_packages)
        return await once(state.units, request, principal, key, release)


def _published(done: Published) -> Response:
    content = version_json(done.design, done.version)
    location = f"{PREFIX}/{done.design.id}/versions/{done.version.number}"
    return JSONResponse(content, 201 if done.created else 200, headers={"Location": location})


@ROUTER.get("", responses=problem_responses(400))
async def list_designs(
    request: Request,
    _: MayRead,
    fits: Words = "",
    q: Words = "",
    material: Words = "",
    tag: Words = "",
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> Json:
    """Designs that can be ordered. `fits`: words of one machine's maker, model or part number; `q`: words of title,
    summary, tags or slug.
    """
    after = pages.decode(cursor)
    search = Search(fits, q, material, tag, str(after[0]) if after else "")
    async with state_of(request).units.read() as session:
        found = await find_designs(session, search, limit + 1)
    return pages.page([design_item(design, version) for design, version in found], limit)


@ROUTER.get("/{design}", responses=problem_responses(404))
async def show_design(request: Request, design: Name, _: MayRead) -> Json:
    """A design by its slug or id, as of its current version, with the list of its versions."""
    async with state_of(request).units.read() as session:
        found: Design | None = await design_called(session, design)
        if found is None:
            raise no_such_design()
        return design_json(found, await versions_of(session, found.id))
