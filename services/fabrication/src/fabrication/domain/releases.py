"""Programs as fabrication keeps them, and their releases for one lease."""

from dataclasses import dataclass
from typing import Any

from fabrication.domain.findings import Finding
from fabrication.domain.programs import Matrix


@dataclass(frozen=True, slots=True)
class StoredArtefact:
    """A file of a program, in the artefact store under its digest."""

    name: str
    media_type: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A program of one plate with its files; one that did not pass its verification is kept and never released."""

    id: str
    key: str
    version_id: str
    parameters: dict[str, Any]
    material_id: str
    profile_id: str
    profile_revision: int
    calibration: str
    engine: str
    quantity: int
    sha256: str
    size_bytes: int
    minutes: float
    grams: float
    placements: tuple[Matrix, ...]
    verified: bool
    findings: tuple[Finding, ...]
    report: dict[str, Any]
    artefacts: tuple[StoredArtefact, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A verified program for the hub, machine and token that hold the lease of a job order."""

    job_order_id: str
    order_id: str
    hub_id: str
    machine_id: str
    fencing_token: int
    program_id: str
    program_sha256: str
    program_bytes: int
    minutes: float
    grams: float
    placements: tuple[Matrix, ...]
