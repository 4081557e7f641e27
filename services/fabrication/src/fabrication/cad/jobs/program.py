"""From a built solid to everything that is made of it for one machine: STEP, STL, GLB, program, plan, picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fabrication.cad.exports.glb import glb_bytes
from fabrication.cad.exports.step import write_step
from fabrication.cad.exports.stl import stl_bytes
from fabrication.cad.files import GLB, PICTURE, PLAN, PROGRAM, STEP, STL
from fabrication.cad.picture import picture
from fabrication.cad.solids import measured, overlaps, read_solid
from fabrication.cad.tessellation import mesh_of
from fabrication.domain.digests import readable_json
from fabrication.domain.engines import FDM_ENGINE
from fabrication.domain.facts import SolidFacts
from fabrication.domain.findings import Finding
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import ProcessPlan
from fabrication.domain.records import from_record
from fabrication.domain.requests import PrintRequest
from fabrication.postprocessors.dialects import writer_for
from fabrication.postprocessors.gcode import ProgramHeader
from fabrication.processes.fdm.bead import filament_mm
from fabrication.processes.fdm.engine import EngineResult, make_toolpath


def write_program(folder: Path, arguments: Mapping[str, Any]) -> ProcessPlan:
    """Write all files but the verification's into the folder; raises CadRefused."""
    profile = from_record(MachineProfile, arguments["profile"])
    material = from_record(MaterialSettings, arguments["material"])
    request = from_record(PrintRequest, arguments["request"])
    brep = folder / "solid.brep"
    shape = read_solid(brep)
    solid = measured(shape, brep)
    found = overlaps(shape)
    write_step(shape, folder / STEP)
    mesh = mesh_of(shape)
    (folder / STL).write_bytes(stl_bytes(mesh))
    (folder / GLB).write_bytes(glb_bytes(mesh))
    made = make_toolpath(mesh, profile, material, request, arguments["quantity"])
    header = _header(made, solid, request)
    (folder / PROGRAM).write_text(writer_for(profile, material).write(made.toolpath, header), "ascii")
    (folder / PICTURE).write_bytes(picture(made.toolpath))
    plan = _plan(made, profile, material, request, (*found, *made.findings))
    (folder / PLAN).write_bytes(readable_json(plan))
    return plan


def _header(made: EngineResult, solid: SolidFacts, request: PrintRequest) -> ProgramHeader:
    notes = (
        ("solid", solid.sha256),
        ("layer_mm", f"{request.layer_mm:g}"),
        ("perimeters", str(request.perimeters)),
        ("infill", f"{request.infill:g}"),
        ("skins", f"{request.bottom_skins}, {request.top_skins}"),
        ("estimated_s", f"{made.seconds:.0f}"),
    )
    return ProgramHeader(FDM_ENGINE, notes, made.placement, solid.low_mm, solid.high_mm)


def _plan(
    made: EngineResult,
    profile: MachineProfile,
    material: MaterialSettings,
    request: PrintRequest,
    found: tuple[Finding, ...],
) -> ProcessPlan:
    return ProcessPlan(
        profile_id=profile.id,
        profile_revision=profile.revision,
        material_id=material.id,
        material_revision=material.revision,
        engine=FDM_ENGINE,
        quantity=len(made.placement),
        placement=made.placement,
        layers=made.heights.count,
        layer_mm=float(made.heights.thickness_mm[-1]),
        first_layer_mm=float(made.heights.thickness_mm[0]),
        bead_mm=made.bead_mm,
        minutes=round(made.seconds / 60.0, 2),
        grams=round(made.volume_mm3 * material.fdm.density_g_per_cm3.value / 1000.0, 3),
        filament_mm=round(filament_mm(made.volume_mm3, profile.nozzle.filament_diameter_mm), 2),
        request=request,
        findings=found,
    )
