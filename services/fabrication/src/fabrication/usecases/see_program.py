"""Who sees what of a program.

The owner of its design and the operator see everything of it; who ordered it sees what it is and how it was verified.
To everybody else there is no such program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from fabrication.domain.configurations import DesignVersion
from fabrication.domain.releases import StoredArtefact, StoredProgram
from fabrication.store import designs, programs


class ProgramUnseen(Exception):
    """There is no such program for this caller."""


class ContentUnseen(Exception):
    """The caller may know of the program, and not read its files."""


@dataclass(frozen=True, slots=True)
class SeenProgram:
    """A program and the design version that it makes."""

    program: StoredProgram
    version: DesignVersion


async def see_program(program_id: str, principal: Principal, session: AsyncSession) -> SeenProgram:
    """The program for its owner, the operator, or who ordered it. Raises ProgramUnseen."""
    seen = await _find(program_id, session)
    if not principal.owns(seen.version.rights_holder_id) and not await programs.ordered_by(
        program_id, principal.organisation_id, session
    ):
        raise ProgramUnseen(program_id)
    return seen


async def see_file(
    program_id: str, names: Sequence[str], principal: Principal | None, session: AsyncSession
) -> StoredArtefact:
    """The file of a program that bears one of the names, for its owner and the operator.

    None as principal is a hub that was granted the download. Raises ProgramUnseen, ContentUnseen.
    """
    if principal is None:
        seen = await _find(program_id, session)
    else:
        seen = await see_program(program_id, principal, session)
        if not principal.owns(seen.version.rights_holder_id):
            raise ContentUnseen(program_id)
    for artefact in seen.program.artefacts:
        if artefact.name in names:
            return artefact
    raise ProgramUnseen(f"{program_id} has no {' or '.join(names)}")


async def _find(program_id: str, session: AsyncSession) -> SeenProgram:
    program = await programs.find(program_id, session)
    version = None if program is None else await designs.find(program.version_id, session)
    if program is None or version is None:
        raise ProgramUnseen(program_id)
    return SeenProgram(program, version)
