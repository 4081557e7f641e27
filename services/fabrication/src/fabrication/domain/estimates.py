"""What the mesh is told of a configuration: its size, and what each machine profile would need for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fabrication.domain.assessment import Assessment
from fabrication.domain.findings import Finding
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings

_MM3_PER_CM3 = 1000.0


@dataclass(frozen=True, slots=True)
class ProfileEstimate:
    """One profile's answer; the plate's minutes are `setup_minutes` + parts × `minutes_per_part`."""

    profile_id: str
    makeable: bool
    findings: tuple[Finding, ...]
    setup_minutes: float
    minutes_per_part: float
    grams_per_part: float
    plate_capacity: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """An assessed configuration. `mass_g` is that of the solid filled with its material throughout."""

    id: str
    version_id: str
    parameters_json: str
    material_id: str
    extent_mm: tuple[float, float, float]
    volume_mm3: float
    mass_g: float
    profiles: tuple[ProfileEstimate, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """No machine can make it, and why; `lasting` when the same request is bound to be refused again."""

    findings: tuple[Finding, ...]
    lasting: bool = True


def estimate_of(
    assessment: Assessment,
    profiles: Sequence[MachineProfile],
    material: MaterialSettings,
    *,
    estimate_id: str,
    version_id: str,
    parameters_json: str,
) -> Estimate:
    """The estimate that an assessment by `profiles` makes; what a machine needs before its first bead is setup."""
    setup = {profile.id: profile.start_s / 60 for profile in profiles}
    solid = assessment.solid
    return Estimate(
        id=estimate_id,
        version_id=version_id,
        parameters_json=parameters_json,
        material_id=material.id,
        extent_mm=solid.extent_mm,
        volume_mm3=solid.volume_mm3,
        mass_g=round(solid.volume_mm3 / _MM3_PER_CM3 * material.fdm.density_g_per_cm3.value, 3),
        profiles=tuple(
            ProfileEstimate(
                profile_id=each.profile_id,
                makeable=each.makeable,
                findings=each.findings,
                setup_minutes=min(setup[each.profile_id], each.minutes),
                minutes_per_part=max(0.0, each.minutes - setup[each.profile_id]),
                grams_per_part=each.grams,
                plate_capacity=each.plate_capacity,
            )
            for each in assessment.profiles
        ),
    )
