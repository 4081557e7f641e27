"""Tell the mesh of the machine profiles that come with this version."""

from __future__ import annotations

from chassis.unit_of_work import UnitsOfWork
from fabrication.data.library import machine_profiles, material_settings
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.messages import profile_released
from fabrication.store.profiles import mark_released


async def release_profiles(units: UnitsOfWork) -> list[str]:
    """Send MachineProfileReleased for each revision that was never sent before; answers their profiles' ids."""
    released = []
    for profile in machine_profiles().values():
        async with units.begin() as uow:
            if await mark_released(profile.id, profile.revision, uow.session):
                message = profile_released(profile, materials_for(profile))
                uow.emit(message, aggregate_id=profile.id, version=profile.revision)
                released.append(profile.id)
    return released


def materials_for(profile: MachineProfile) -> list[str]:
    """Ids of the materials that machines of this profile get hot enough for."""
    return [material.id for material in material_settings().values() if _suits(profile, material)]


def _suits(profile: MachineProfile, material: MaterialSettings) -> bool:
    needed_c = max(material.fdm.nozzle_c.value, material.fdm.first_layer_nozzle_c.value)
    hot_enough = needed_c <= profile.thermal.max_nozzle_c and material.fdm.bed_c.value <= profile.thermal.max_bed_c
    return material.process == profile.process and hot_enough
