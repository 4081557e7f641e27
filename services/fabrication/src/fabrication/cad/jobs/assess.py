"""What every machine profile makes of a built solid, at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fabrication.cad.solids import measured, overlaps, read_solid
from fabrication.cad.tessellation import mesh_of
from fabrication.domain.assessment import Assessment, ProfileAssessment
from fabrication.domain.facts import SolidFacts
from fabrication.domain.findings import Finding, has_errors
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.plate import Plate
from fabrication.domain.records import from_record
from fabrication.domain.requests import PrintRequest
from fabrication.processes.fdm.estimate import NeutralSlicing, estimate, sharing_key, slice_neutrally
from fabrication.processes.fdm.findings import fit_findings


def assess_solid(brep: Path, arguments: Mapping[str, Any]) -> Assessment:
    """The assessment for `arguments` (`profiles`, `material`, `request`); raises CadRefused."""
    profiles = from_record(tuple[MachineProfile, ...], arguments["profiles"])
    material = from_record(MaterialSettings, arguments["material"])
    request = from_record(PrintRequest, arguments["request"])
    shape = read_solid(brep)
    solid = measured(shape, brep)
    assessor = _Assessor(shape, solid, material, request, overlaps(shape))
    return Assessment(solid, material.id, tuple(assessor.assess(profile) for profile in profiles))


class _Assessor:
    """Asks each profile; slicings are made when first needed and shared."""

    def __init__(
        self,
        shape: Any,
        solid: SolidFacts,
        material: MaterialSettings,
        request: PrintRequest,
        found: tuple[Finding, ...],
    ) -> None:
        self._shape = shape
        self._solid = solid
        self._material = material
        self._request = request
        self._found = found
        self._slicings: dict[tuple[float, float, float], NeutralSlicing] = {}

    def assess(self, profile: MachineProfile) -> ProfileAssessment:
        low, high = np.array(self._solid.low_mm), np.array(self._solid.high_mm)
        fit = fit_findings(low, high, profile, self._material, self._request, 1)
        x, y, _ = self._solid.extent_mm
        if has_errors(fit):
            return ProfileAssessment(profile.id, False, (*self._found, *fit), 0.0, 0.0, 0)
        capacity = Plate.of(profile, self._request.clearance_mm, self._request.brim_mm).capacity((x, y))
        slicing = self._slicing(profile)
        found = (*self._found, *fit, *slicing.findings)
        taken = estimate(slicing, profile, self._material)
        grams = taken.volume_mm3 * self._material.fdm.density_g_per_cm3.value / 1000.0
        minutes = round(taken.seconds / 60.0, 2)
        return ProfileAssessment(profile.id, not has_errors(found), found, minutes, round(grams, 3), capacity)

    def _slicing(self, profile: MachineProfile) -> NeutralSlicing:
        key = sharing_key(profile)
        if key not in self._slicings:
            self._slicings[key] = slice_neutrally(mesh_of(self._shape), profile, self._request)
        return self._slicings[key]
