"""`/fabrication/v1/programs/{id}`: what a program is and how it was verified."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from chassis.auth import Principal, Requires
from chassis.http import Text, router
from chassis.problems import NotFound, problem_responses
from fabrication.api import shapes
from fabrication.api.state import ApiState
from fabrication.usecases.see_program import ProgramUnseen, SeenProgram, see_program

ROUTER = router("/fabrication/v1")
ProgramId = Annotated[Text, Path(max_length=64)]
Reader = Annotated[Principal, Depends(Requires("fabrication:read"))]


@ROUTER.get("/programs/{program_id}", responses=problem_responses(401, 403, 404))
async def show(program_id: ProgramId, request: Request, principal: Reader) -> dict[str, Any]:
    """A program: the configuration, machine profile and material it is for, its size, time, mass and files."""
    return shapes.program(await _see(program_id, request, principal))


@ROUTER.get("/programs/{program_id}/verification", responses=problem_responses(401, 403, 404))
async def show_verification(program_id: ProgramId, request: Request, principal: Reader) -> dict[str, Any]:
    """What the replay of the program measured, and what it violates."""
    return (await _see(program_id, request, principal)).program.report


async def _see(program_id: str, request: Request, principal: Principal) -> SeenProgram:
    state: ApiState = request.app.state.service
    async with state.units.read() as session:
        try:
            return await see_program(program_id, principal, session)
        except ProgramUnseen:
            raise no_such_program() from None


def no_such_program() -> NotFound:
    """The same answer for what does not exist and what is not the caller's."""
    return NotFound("no-such-program", "There is no program of that id.")
