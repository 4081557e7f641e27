"""The embedded FDM engine: a mesh, a machine, a material and a wish in; a toolpath and what it takes out."""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.errors import CadRefused
from fabrication.domain.findings import Finding, has_errors
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.plate import Layout, Plate, placement
from fabrication.domain.programs import Matrix
from fabrication.domain.requests import PrintRequest
from fabrication.domain.toolpath import Toolpath
from fabrication.processes.fdm.adhesion import brim, skirt
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.copies import LocalLayer, PlateWriter
from fabrication.processes.fdm.findings import find_faults, fit_findings
from fabrication.processes.fdm.layer import LayerPart, lay_beads
from fabrication.processes.fdm.layers import LayerHeights, divide
from fabrication.processes.fdm.path import Path
from fabrication.processes.fdm.region import Region, union
from fabrication.processes.fdm.slicing import Slicer, height_mm, outline_layers
from fabrication.processes.fdm.timing import last_place
from fabrication.processes.fdm.travel import must_retract
from fabrication.processes.mesh import Mesh


@dataclass(frozen=True, slots=True)
class EngineResult:
    """A plate's toolpath, where the copies stand, its time and its plastic; findings are warnings only."""

    toolpath: Toolpath
    placement: tuple[Matrix, ...]
    heights: LayerHeights
    bead_mm: float
    seconds: float
    volume_mm3: float
    findings: tuple[Finding, ...]


def make_toolpath(
    mesh: Mesh, profile: MachineProfile, material: MaterialSettings, request: PrintRequest, quantity: int
) -> EngineResult:
    """Plan a plate of `quantity` copies of the mesh (model coordinates, mm).

    Raises CadRefused (not-makeable) with the findings, or (open-mesh).
    """
    _refuse(fit_findings(mesh.low_mm, mesh.high_mm, profile, material, request, quantity))
    layout = _layout(mesh, profile, request, quantity)
    matrices = placement(layout, _triple(mesh.low_mm), _triple(mesh.high_mm))
    part = _about_its_centre(mesh, matrices[0], layout.centres_mm[0])
    bead = BeadShape(profile.bead_width_mm, request.layer_mm)
    heights = divide(height_mm(part), profile.layers.first_height_mm, request.layer_mm)
    outlines = outline_layers(part, heights)
    found = find_faults(outlines, bead, part)
    _refuse(found)
    slicer = Slicer(outlines, bead, request)
    toolpath, seconds = _toolpath(slicer, heights, profile, material, request, layout)
    volume = sum(sum(piece.volumes_mm3) for layer in toolpath.layers for run in layer.runs for piece in run.beads)
    return EngineResult(
        toolpath, matrices, heights, profile.bead_width_mm, profile.start_s + seconds, float(volume), found
    )


def _toolpath(
    slicer: Slicer,
    heights: LayerHeights,
    profile: MachineProfile,
    material: MaterialSettings,
    request: PrintRequest,
    layout: Layout,
) -> tuple[Toolpath, float]:
    writer = PlateWriter(profile, material, layout.centres_mm)
    layers, total, place = [], 0.0, (0.0, 0.0)
    for index in range(heights.count):
        local = _local_layer(slicer.part(index), heights, profile, request, layout)
        layer, seconds = writer.layer(local, place)
        layers.append(layer)
        total += seconds
        place = last_place(layer, place)
    return Toolpath(tuple(layers), len(layout.centres_mm)), total


def _local_layer(
    part: LayerPart, heights: LayerHeights, profile: MachineProfile, request: PrintRequest, layout: Layout
) -> LocalLayer:
    thickness = float(heights.thickness_mm[part.index])
    bead = BeadShape(profile.bead_width_mm, thickness)
    paths = lay_beads(part, bead, request)
    around: list[Path] = []
    if part.index == 0:
        paths = [*brim(part.outline, bead, request.brim_mm), *paths]
        around = _skirt(part.outline, bead, profile, request, layout)
    retracts = must_retract(paths, part.outline, profile.retraction.min_travel_mm)
    return LocalLayer(part.index, float(heights.tops_mm[part.index]), thickness, paths, retracts, around)


def _skirt(
    outline: Region, bead: BeadShape, profile: MachineProfile, request: PrintRequest, layout: Layout
) -> list[Path]:
    footprint = union(*([path + centre for path in outline] for centre in layout.centres_mm))
    room = (profile.volume_mm[0], profile.volume_mm[1])
    join = request.clearance_mm + request.brim_mm
    return skirt(footprint, bead, request.skirt_loops, join, room) if not request.brim_mm else []


def _layout(mesh: Mesh, profile: MachineProfile, request: PrintRequest, quantity: int) -> Layout:
    x, y, _ = _triple(mesh.high_mm - mesh.low_mm)
    layout = Plate.of(profile, request.clearance_mm, request.brim_mm).layout((x, y), quantity)
    assert layout is not None, "the fit was checked before"
    return layout


def _about_its_centre(mesh: Mesh, to_plate: Matrix, centre_mm: tuple[float, float]) -> Mesh:
    matrix = np.array(to_plate)
    matrix[:2, 3] -= centre_mm
    return mesh.moved(matrix)


def _refuse(found: tuple[Finding, ...]) -> None:
    if has_errors(found):
        worst = next(finding for finding in found if finding.is_error)
        raise CadRefused("not-makeable", worst.message, found)


def _triple(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return (x, y, z)
