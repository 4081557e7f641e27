"""Domain → JSON, as the API shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabrication.domain.estimates import Estimate
from fabrication.domain.findings import Finding
from fabrication.domain.machines import MachineProfile
from fabrication.domain.records import to_record
from fabrication.usecases.estimate import Estimated
from fabrication.usecases.release_profiles import materials_for
from fabrication.usecases.see_program import SeenProgram

FILES = {"step": "part.step", "stl": "part.stl", "glb": "part.glb", "toolpath.png": "toolpath.png"}
"""A program's artefacts by the name under which the API offers them."""


def profile(machine: MachineProfile) -> dict[str, Any]:
    """A machine profile."""
    return {
        "id": machine.id,
        "title": machine.name,
        "revision": machine.revision,
        "process": machine.process,
        "dialect": machine.dialect,
        "volume_mm": size(machine.volume_mm),
        "nozzle_mm": machine.nozzle.diameter_mm,
        "materials": materials_for(machine),
    }


def program(seen: SeenProgram) -> dict[str, Any]:
    """A program: what it makes, of what, where, and its files."""
    made, version = seen.program, seen.version
    by_name = {file.name: file for file in made.artefacts}
    base = f"/fabrication/v1/programs/{made.id}"
    offered = {name: by_name[kept] for name, kept in FILES.items() if kept in by_name}
    return {
        "id": made.id,
        "design": _design(seen),
        "version_id": version.version_id,
        "parameters": made.parameters,
        "material": made.material_id,
        "profile": {"id": made.profile_id, "revision": made.profile_revision},
        "quantity": made.quantity,
        "sha256": made.sha256,
        "bytes": made.size_bytes,
        "minutes": made.minutes,
        "grams": made.grams,
        "placements": to_record(made.placements),
        "engine": made.engine,
        "calibration": made.calibration,
        "verified": made.verified,
        "content": f"{base}/content",
        "verification": f"{base}/verification",
        "artefacts": [
            {
                "name": name,
                "media_type": file.media_type,
                "sha256": file.sha256,
                "bytes": file.size_bytes,
                "url": f"{base}/artefacts/{name}",
            }
            for name, file in offered.items()
        ],
    }


def estimate(asked: Estimated, found: Estimate) -> dict[str, Any]:
    """An estimate with the configuration that it is of."""
    version = asked.configuration.version
    return {
        "id": found.id,
        "design": {"id": version.design_id, "slug": version.slug, "version": version.version},
        "version_id": version.version_id,
        "parameters": to_record(asked.configuration.values),
        "material": found.material_id,
        "extent_mm": size(found.extent_mm),
        "volume_mm3": found.volume_mm3,
        "mass_g": found.mass_g,
        "makeable": any(each.makeable for each in found.profiles),
        "profiles": [
            {
                "profile": each.profile_id,
                "makeable": each.makeable,
                "setup_minutes": each.setup_minutes,
                "minutes_per_part": each.minutes_per_part,
                "grams_per_part": each.grams_per_part,
                "plate_capacity": each.plate_capacity,
                "findings": findings(each.findings),
            }
            for each in found.profiles
        ],
    }


def findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings: code, severity, words, mend, and where."""
    return [
        {
            "code": each.code,
            "severity": each.severity.value,
            "detail": each.message,
            "mend": each.mend,
            "at_mm": None if each.at_mm is None else size(each.at_mm),
        }
        for each in found
    ]


def size(mm: tuple[float, float, float]) -> dict[str, float]:
    """Three lengths by their axes."""
    return {"x": mm[0], "y": mm[1], "z": mm[2]}


def _design(seen: SeenProgram) -> dict[str, Any]:
    return {"id": seen.version.design_id, "slug": seen.version.slug, "version": seen.version.version}
