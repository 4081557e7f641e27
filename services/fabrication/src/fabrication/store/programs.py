"""Programs, their files and their releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from fabrication.domain.findings import Finding
from fabrication.domain.programs import Matrix
from fabrication.domain.records import from_record, to_record
from fabrication.domain.releases import Release, StoredArtefact, StoredProgram
from fabrication.store.tables import artefacts, design_versions, orders, programs, releases


@dataclass(frozen=True, slots=True)
class _Placed:
    matrix: Matrix


async def find_by_key(key: str, session: AsyncSession) -> StoredProgram | None:
    """The program that was made from that."""
    return await _find(programs.c.key == key, session)


async def find(program_id: str, session: AsyncSession) -> StoredProgram | None:
    """The program of that id."""
    return await _find(programs.c.id == program_id, session)


async def _find(where: Any, session: AsyncSession) -> StoredProgram | None:
    row = (await session.execute(select(programs).where(where))).first()
    if row is None:
        return None
    files = await session.execute(select(artefacts).where(artefacts.c.program_id == row.id).order_by(artefacts.c.name))
    return _program(row, tuple(_artefact(each) for each in files))


async def keep(program: StoredProgram, session: AsyncSession) -> StoredProgram:
    """Keep a program and its files unless another worker was faster; answers the one that stands there now."""
    row = upsert(programs).values(
        id=program.id,
        key=program.key,
        version_id=program.version_id,
        parameters=program.parameters,
        material_id=program.material_id,
        profile_id=program.profile_id,
        profile_revision=program.profile_revision,
        calibration=program.calibration,
        engine=program.engine,
        quantity=program.quantity,
        sha256=program.sha256,
        size_bytes=program.size_bytes,
        minutes=program.minutes,
        grams=program.grams,
        placements=to_record(program.placements),
        verified=program.verified,
        findings=to_record(program.findings),
        report=program.report,
    )
    kept = await session.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(programs.c.id))
    if kept.first() is None:
        return await find_by_key(program.key, session) or program
    if program.artefacts:
        await session.execute(
            insert(artefacts), [{"program_id": program.id, **to_record(each)} for each in program.artefacts]
        )
    return program


async def find_release(job_order_id: str, fencing_token: int, session: AsyncSession) -> Release | None:
    """What was released for that job order and token."""
    query = (
        select(releases, programs)
        .join(programs, programs.c.id == releases.c.program_id)
        .where(releases.c.job_order_id == job_order_id, releases.c.fencing_token == fencing_token)
    )
    row = (await session.execute(query)).first()
    return None if row is None else _release(row)


async def release(found: Release, session: AsyncSession) -> Release:
    """Bind a verified program to a job order, hub, machine and token; answers what is bound to that token now."""
    row = upsert(releases).values(
        job_order_id=found.job_order_id,
        fencing_token=found.fencing_token,
        order_id=found.order_id,
        hub_id=found.hub_id,
        machine_id=found.machine_id,
        program_id=found.program_id,
    )
    made = await session.execute(row.on_conflict_do_nothing().returning(releases.c.job_order_id))
    if made.first() is not None:
        return found
    return await find_release(found.job_order_id, found.fencing_token, session) or found


async def rights_holder(program_id: str, session: AsyncSession) -> str | None:
    """The organisation that owns the design of a program; None where there is no such program."""
    query = (
        select(design_versions.c.rights_holder_id)
        .join(programs, programs.c.version_id == design_versions.c.version_id)
        .where(programs.c.id == program_id)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def ordered_by(program_id: str, organisation_id: str, session: AsyncSession) -> bool:
    """Whether the program was released for an order of that organisation."""
    query = (
        select(releases.c.job_order_id)
        .join(orders, orders.c.order_id == releases.c.order_id)
        .where(releases.c.program_id == program_id, orders.c.organisation_id == organisation_id)
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


def _program(row: Row[Any], files: tuple[StoredArtefact, ...]) -> StoredProgram:
    return StoredProgram(
        id=row.id,
        key=row.key,
        version_id=row.version_id,
        parameters=row.parameters,
        material_id=row.material_id,
        profile_id=row.profile_id,
        profile_revision=row.profile_revision,
        calibration=row.calibration,
        engine=row.engine,
        quantity=row.quantity,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        minutes=row.minutes,
        grams=row.grams,
        placements=_placements(row.placements),
        verified=row.verified,
        findings=tuple(from_record(Finding, each, "findings") for each in row.findings),
        report=row.report,
        artefacts=files,
    )


def _artefact(row: Row[Any]) -> StoredArtefact:
    return StoredArtefact(row.name, row.media_type, row.sha256, row.size_bytes)


def _release(row: Row[Any]) -> Release:
    return Release(
        job_order_id=row.job_order_id,
        order_id=row.order_id,
        hub_id=row.hub_id,
        machine_id=row.machine_id,
        fencing_token=row.fencing_token,
        program_id=row.program_id,
        program_sha256=row.sha256,
        program_bytes=row.size_bytes,
        minutes=row.minutes,
        grams=row.grams,
        placements=_placements(row.placements),
    )


def _placements(records: list[Any]) -> tuple[Matrix, ...]:
    return tuple(from_record(_Placed, {"matrix": each}, "placements").matrix for each in records)
