"""`/quality/v1/inspections`: what was found on parts, and entering what a technician finds."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool

from chassis import pages
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once
from chassis.problems import Conflict, NotFound, Problem, Unprocessable, problem_responses
from chassis.unit_of_work import UnitOfWork
from quality.api.access import Chosen, Id, MayRead, MayWrite, seer_of, units_of
from quality.api.shapes import Json, inspection_json
from quality.domain.errors import InspectionDecided, LooksMistyped, QualityError
from quality.domain.measurements import Reading
from quality.store.queries import find_inspections, inspection_seen
from quality.usecases.enter_measurement import EnterMeasurement, enter_measurement

PREFIX = "/quality/v1/inspections"
ROUTER = router(PREFIX)

Name = Annotated[Text, Field(min_length=1, max_length=100)]


class Measured(Body):
    """A value of one characteristic of one part. `gauge` is the instrument's own id; `confirm` says that a value that
    looks mistyped was read again.
    """

    part_id: Name
    characteristic: Name
    value: Annotated[float, Field(ge=-1e6, le=1e6, strict=True)]
    unit: Annotated[Text, Field(min_length=1, max_length=10)]
    instrument: Name
    gauge: Annotated[Text, Field(max_length=100)] = ""
    confirm: StrictBool = False


@ROUTER.get("", responses=problem_responses(400))
async def list_inspections(
    request: Request,
    principal: MayRead,
    order: Chosen = "",
    status: Literal["open", "passed", "failed"] | None = None,
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> Json:
    """Inspections of the caller's orders, the oldest first."""
    after = pages.decode(cursor)
    async with units_of(request).read() as session:
        found = await find_inspections(
            session,
            seer_of(principal),
            order=order,
            status=status or "",
            after_id=str(after[0]) if after else "",
            limit=limit + 1,
        )
    return pages.page([inspection_json(each) for each in found], limit)


@ROUTER.get("/{inspection}", responses=problem_responses(404))
async def show_inspection(request: Request, inspection: Id, principal: MayRead) -> Json:
    """One inspection."""
    async with units_of(request).read() as session:
        found = await inspection_seen(session, seer_of(principal), inspection)
    if found is None:
        raise _no_such_inspection()
    return inspection_json(found)


@ROUTER.post("/{inspection}/measurements", status_code=201, responses=problem_responses(404, 409, 422))
async def enter(
    request: Request, inspection: Id, body: Measured, principal: MayWrite, key: OptionalKey = None
) -> Response:
    """Enter a value; it answers with the inspection. A value entered before is kept as corrected."""
    units = units_of(request)
    async with units.read() as session:
        if await inspection_seen(session, seer_of(principal), inspection) is None:
            raise _no_such_inspection()
    reading = Reading(body.part_id, body.characteristic, body.value, body.unit, body.instrument, body.gauge)
    command = EnterMeasurement(inspection, reading, principal.key_id, body.confirm)

    async def act(uow: UnitOfWork) -> Response:
        return JSONResponse(inspection_json(await enter_measurement(command, uow)), 201)

    try:
        return await once(units, request, principal, key, act)
    except QualityError as error:
        raise _problem_of(error) from error


def _problem_of(error: QualityError) -> Problem:
    match error:
        case LooksMistyped():
            return Conflict(error.code, error.detail, nominal=error.nominal, value=error.value)
        case InspectionDecided():
            return Conflict(error.code, error.detail)
    return Unprocessable(error.code, error.detail)


def _no_such_inspection() -> NotFound:
    return NotFound("no-such-inspection", "There is no inspection of that id.")
