"""Files of a program: its text for the machine, its models for people."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request, Response
from fastapi.responses import StreamingResponse

from chassis.auth import Principal, Requires
from chassis.http import Text, router
from chassis.problems import Forbidden, NotFound, Unavailable, problem_responses
from fabrication.api.access import RequiresDownload
from fabrication.api.programs import ProgramId, no_such_program
from fabrication.api.shapes import FILES
from fabrication.api.state import ApiState
from fabrication.domain.releases import StoredArtefact
from fabrication.store.artefacts import ArtefactMissing, StoreAway
from fabrication.usecases.see_program import ContentUnseen, ProgramUnseen, see_file

ROUTER = router("/fabrication/v1")
_PROGRAM_FILES = ("program.gcode", "program.ngc")


@ROUTER.get(
    "/programs/{program_id}/content",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **problem_responses(401, 403, 404, 503)},
)
async def load_program(
    program_id: ProgramId, request: Request, principal: Annotated[Principal | None, Depends(RequiresDownload())]
) -> Response:
    """The program's text, for the owner of the design, the operator, or by a download key granted to a hub."""
    artefact = await _file(program_id, _PROGRAM_FILES, request, principal)
    return await _send(artefact, request, "text/plain; charset=utf-8")


@ROUTER.get(
    "/programs/{program_id}/artefacts/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problem_responses(401, 403, 404, 503)},
)
async def load_artefact(
    program_id: ProgramId,
    name: Annotated[Text, Path(max_length=64, description=", ".join(FILES))],
    request: Request,
    principal: Annotated[Principal, Depends(Requires("artefacts:read"))],
) -> Response:
    """A file made along with the program: step, stl, glb or toolpath.png."""
    if name not in FILES:
        raise NotFound("no-such-artefact", f"A program has {', '.join(FILES)}.")
    artefact = await _file(program_id, (FILES[name],), request, principal)
    return await _send(artefact, request, artefact.media_type)


async def _file(
    program_id: str, names: tuple[str, ...], request: Request, principal: Principal | None
) -> StoredArtefact:
    state: ApiState = request.app.state.service
    async with state.units.read() as session:
        try:
            return await see_file(program_id, names, principal, session)
        except ProgramUnseen:
            raise no_such_program() from None
        except ContentUnseen:
            raise Forbidden("not-the-rights-holder", "Only the owner of the design reads its files.") from None


async def _send(artefact: StoredArtefact, request: Request, media_type: str) -> Response:
    etag = f'"{artefact.sha256}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    store = request.app.state.service.artefacts
    try:
        content = await store.open(artefact.sha256)
    except (ArtefactMissing, StoreAway) as error:
        raise Unavailable("artefact-away", "The file cannot be read now; try again.") from error
    if content.size_bytes != artefact.size_bytes:
        raise Unavailable("artefact-damaged", "The file is not what it was when it was kept.")
    headers["Content-Length"] = str(content.size_bytes)
    return StreamingResponse(content.chunks, headers=headers, media_type=media_type)
