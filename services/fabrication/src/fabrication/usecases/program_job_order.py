"""Make and verify the program of a job order, and release it for the machine that holds its lease.

A program is made once for all job orders that want the same; a release is one row.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from chassis.unit_of_work import Begin, UnitOfWork
from fabrication.data.library import machine_profiles, material_settings
from fabrication.domain.digests import key_of
from fabrication.domain.engines import FDM_ENGINE, UNCALIBRATED
from fabrication.domain.errors import CadRefused
from fabrication.domain.estimates import Refused
from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import ProgramResult
from fabrication.domain.records import to_record
from fabrication.domain.releases import Release, StoredArtefact, StoredProgram
from fabrication.domain.requests import PrintRequest
from fabrication.messages import fabrication_refused, program_verified
from fabrication.store import programs
from fabrication.store.artefacts import ArtefactStore, ArtefactTooLarge, StoreAway
from fabrication.usecases.assess_configuration import Configuration, configure, find_version
from fabrication.usecases.findings import error_finding, of_refusal, of_verification
from fabrication.usecases.workplace import Workplace
from messaging.envelope import uuid7


@dataclass(frozen=True, slots=True)
class ProgramJob:
    """A job order with its lease: how many of which configuration, on which machine, under which token."""

    job_order_id: str
    order_id: str
    version_id: str
    parameters_json: str
    material_id: str
    quantity: int
    hub_id: str
    machine_id: str
    profile_id: str
    fencing_token: int


@dataclass(frozen=True, slots=True)
class _Plate:
    """What a program is made from; profile and material stand in the key with all they say, revisions included."""

    configuration: Configuration
    profile: MachineProfile
    quantity: int
    request: PrintRequest

    @property
    def key(self) -> str:
        version_id, values = self.configuration.version.version_id, self.configuration.values
        material = material_settings()[self.configuration.material_id]
        return key_of(
            "program",
            version_id,
            values,
            self.profile,
            UNCALIBRATED,
            FDM_ENGINE,
            material,
            self.quantity,
            self.request,
        )


async def program_job_order(job: ProgramJob, begin: Begin, place: Workplace) -> None:
    """Release a verified program, or say why there is none; repeated for a token it tells the same again.

    Raises UnknownVersion, CadAway, StoreFull, StoreAway: not now.
    """
    async with place.units.read() as session:
        released = await programs.find_release(job.job_order_id, job.fencing_token, session)
    found = released or await _program(job, place)
    async with begin() as uow:
        if isinstance(found, StoredProgram):
            found = await _release(job, await programs.keep(found, uow.session), uow)
        if isinstance(found, Refused):
            refusal = fabrication_refused(
                found.findings,
                job_order_id=job.job_order_id,
                order_id=job.order_id,
                fencing_token=job.fencing_token,
            )
            uow.emit(refusal, aggregate_id=job.job_order_id, correlation_id=job.order_id)
        else:
            uow.emit(program_verified(found), aggregate_id=job.job_order_id, correlation_id=job.order_id)


async def _program(job: ProgramJob, place: Workplace) -> StoredProgram | Refused:
    """The program that the job wants: kept from before, or made now."""
    plate = await _plate(job, place)
    if isinstance(plate, Refused):
        return plate
    async with place.units.read() as session:
        known = await programs.find_by_key(plate.key, session)
    if known is not None:
        return known
    try:
        return await _make(plate, place)
    except CadRefused as refused:
        return Refused(of_refusal(refused))
    except ArtefactTooLarge as error:
        return Refused((error_finding("artefact-too-large", str(error), "order fewer parts at a time"),))


async def _plate(job: ProgramJob, place: Workplace) -> _Plate | Refused:
    version = await find_version(job.version_id, place.units)
    configuration = configure(version, job.parameters_json, job.material_id)
    if isinstance(configuration, Refused):
        return configuration
    profile = machine_profiles().get(job.profile_id)
    if profile is None:
        return Refused((error_finding("unknown-profile", f"nothing is known of machines {job.profile_id!r}"),))
    return _Plate(configuration, profile, job.quantity, PrintRequest())


async def _make(plate: _Plate, place: Workplace) -> StoredProgram:
    configuration, version = plate.configuration, plate.configuration.version
    paths = place.workshop.extra_paths(version.requires)
    result = await place.workshop.work(
        "program",
        lambda cad: cad.program(
            version.model_source.encode(),
            configuration.own_values,
            plate.profile,
            configuration.material_id,
            plate.quantity,
            plate.request,
            extra_paths=paths,
        ),
    )
    files = await _store(result, place.artefacts)
    program = _stored(plate, result, files)
    await asyncio.to_thread(shutil.rmtree, Path(result.program.path).parent, ignore_errors=True)
    return program


async def _store(result: ProgramResult, store: ArtefactStore) -> tuple[StoredArtefact, ...]:
    """Put every file into the store. Where that fails the files stay where they are, for the next attempt."""
    files = []
    for file in result.files:
        stored = await store.put(Path(file.path))
        if stored.sha256 != file.sha256:
            raise StoreAway(f"{file.name} changed on its way into the store")
        files.append(StoredArtefact(file.name, file.media_type, file.sha256, file.size_bytes))
    return tuple(files)


def _stored(plate: _Plate, result: ProgramResult, files: tuple[StoredArtefact, ...]) -> StoredProgram:
    return StoredProgram(
        id=uuid7(),
        key=plate.key,
        version_id=plate.configuration.version.version_id,
        parameters=to_record(plate.configuration.values),
        material_id=plate.configuration.material_id,
        profile_id=plate.profile.id,
        profile_revision=plate.profile.revision,
        calibration=UNCALIBRATED,
        engine=result.plan.engine,
        quantity=plate.quantity,
        sha256=result.program.sha256,
        size_bytes=result.program.size_bytes,
        minutes=result.minutes,
        grams=result.grams,
        placements=result.plan.placement,
        verified=result.verification.passed,
        findings=of_verification(result.verification),
        report=to_record(result.verification),
        artefacts=files,
    )


async def _release(job: ProgramJob, program: StoredProgram, uow: UnitOfWork) -> Release | Refused:
    if not program.verified:
        return Refused(program.findings)
    release = Release(
        job_order_id=job.job_order_id,
        order_id=job.order_id,
        hub_id=job.hub_id,
        machine_id=job.machine_id,
        fencing_token=job.fencing_token,
        program_id=program.id,
        program_sha256=program.sha256,
        program_bytes=program.size_bytes,
        minutes=program.minutes,
        grams=program.grams,
        placements=program.placements,
    )
    return await programs.release(release, uow.session)
