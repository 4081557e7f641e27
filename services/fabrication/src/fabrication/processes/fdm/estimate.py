"""What a part would take on many machines, without planning it for each.

The part is sliced once for all machines whose beads and layers are alike; of its layers only a sample is laid and timed
on each machine, every sampled layer standing for those around it. The first and last few are always among them, as
skins and slow first layers are not like the middle.
"""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.findings import Finding
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.requests import PrintRequest
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.copies import LocalLayer, PlateWriter
from fabrication.processes.fdm.findings import find_faults
from fabrication.processes.fdm.layer import LayerPart, lay_beads
from fabrication.processes.fdm.layers import LayerHeights, divide
from fabrication.processes.fdm.path import Path
from fabrication.processes.fdm.perimeters import lay_walls
from fabrication.processes.fdm.region import islands
from fabrication.processes.fdm.skins import sheltered
from fabrication.processes.fdm.slicing import Outlines, height_mm, layer_bridges, outline_layers
from fabrication.processes.fdm.travel import must_retract
from fabrication.processes.mesh import Mesh

SAMPLES = 28
ALWAYS_AT_ENDS = 5


@dataclass(frozen=True, slots=True)
class NeutralSlicing:
    """One slicing that several machines share: some layers' beads, how many layers each stands for, what was found."""

    heights: LayerHeights
    samples: tuple[tuple[int, float, list[Path], list[bool]], ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One part alone on the plate."""

    seconds: float
    volume_mm3: float


def slice_neutrally(mesh: Mesh, profile: MachineProfile, request: PrintRequest) -> NeutralSlicing:
    """Slice for all machines like this one; raises CadRefused (open-mesh)."""
    heights = divide(height_mm(mesh), profile.layers.first_height_mm, request.layer_mm)
    moved = Mesh(mesh.vertices - [0.0, 0.0, float(mesh.low_mm[2])], mesh.triangles)
    outlines = outline_layers(moved, heights)
    bead = BeadShape(profile.bead_width_mm, request.layer_mm)
    samples = []
    for index, weight in weighted_sample(heights.count):
        part = _layer_part(outlines, index, bead, request)
        shape = BeadShape(profile.bead_width_mm, float(heights.thickness_mm[index]))
        paths = lay_beads(part, shape, request)
        samples.append((index, weight, paths, must_retract(paths, part.outline, profile.retraction.min_travel_mm)))
    return NeutralSlicing(heights, tuple(samples), find_faults(outlines, bead, moved))


def weighted_sample(count: int) -> list[tuple[int, float]]:
    """Layers to look at and how many layers each stands for; the weights add up to `count`."""
    if count <= SAMPLES:
        return [(index, 1.0) for index in range(count)]
    ends = [*range(ALWAYS_AT_ENDS), *range(count - ALWAYS_AT_ENDS, count)]
    between = SAMPLES - len(ends)
    width = (count - 2 * ALWAYS_AT_ENDS) / between
    middle = sorted({int(ALWAYS_AT_ENDS + (number + 0.5) * width) for number in range(between)})
    weight = (count - 2 * ALWAYS_AT_ENDS) / len(middle)
    return sorted([*((index, 1.0) for index in ends), *((index, weight) for index in middle)])


def sharing_key(profile: MachineProfile) -> tuple[float, float, float]:
    """Machines with equal keys can share one slicing."""
    return (profile.bead_width_mm, profile.layers.first_height_mm, profile.retraction.min_travel_mm)


def estimate(slicing: NeutralSlicing, profile: MachineProfile, material: MaterialSettings) -> Estimate:
    """What the sliced part takes on one of the machines that share the slicing."""
    writer = PlateWriter(profile, material, ((profile.volume_mm[0] / 2.0, profile.volume_mm[1] / 2.0),))
    seconds, volume = profile.start_s, 0.0
    place = (profile.volume_mm[0] / 2.0, profile.volume_mm[1] / 2.0)
    for index, weight, paths, retracts in slicing.samples:
        top, thickness = float(slicing.heights.tops_mm[index]), float(slicing.heights.thickness_mm[index])
        layer, layer_s = writer.layer(LocalLayer(index, top, thickness, paths, retracts, []), place)
        seconds += weight * layer_s
        volume += weight * sum(float(np.sum(bead.volumes_mm3)) for run in layer.runs for bead in run.beads)
    return Estimate(seconds, volume)


def _layer_part(outlines: Outlines, index: int, bead: BeadShape, request: PrintRequest) -> LayerPart:
    outline = outlines.regions[index]
    walls = tuple(lay_walls(piece, bead, request.perimeters) for piece in islands(outline))
    shelter = sheltered(outlines.regions, index, request.top_skins, request.bottom_skins)
    return LayerPart(index, outline, walls, shelter, layer_bridges(outlines.regions, index, bead))
