"""What a part would take on many machines, without planning it for each.

The part is sliced once for all machines whose beads and layers are alike. The first and last few layers are laid and
timed on each machine; of those between only a sample is, and scaled by what areas alone say of every layer: a ratio
estimate (Cochran, "Sampling Techniques", ch. 6), good because plastic and time go with area.
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
from fabrication.processes.fdm.layer import lay_beads
from fabrication.processes.fdm.layers import LayerHeights, divide
from fabrication.processes.fdm.region import area_mm2, grown, intersection, length_mm
from fabrication.processes.fdm.slicing import Outlines, Slicer, height_mm, outline_layers
from fabrication.processes.fdm.travel import must_retract
from fabrication.processes.mesh import Mesh, Points

BETWEEN = 20
AT_ENDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One layer laid, and how many like it there are (a share of the areas of all layers that it stands for)."""

    layer: LocalLayer
    weight: float


@dataclass(frozen=True, slots=True)
class NeutralSlicing:
    """One slicing that several machines share: some layers' beads, what each stands for, what was found."""

    samples: tuple[Sample, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One part alone on the plate."""

    seconds: float
    volume_mm3: float


def slice_neutrally(mesh: Mesh, profile: MachineProfile, request: PrintRequest) -> NeutralSlicing:
    """Slice for all machines like this one; raises CadRefused (open-mesh)."""
    heights = divide(height_mm(mesh), profile.layers.first_height_mm, request.layer_mm)
    moved = Mesh(mesh.vertices - np.array([0.0, 0.0, float(mesh.low_mm[2])]), mesh.triangles)
    outlines = outline_layers(moved, heights)
    bead = BeadShape(profile.bead_width_mm, request.layer_mm)
    slicer = Slicer(outlines, bead, request)
    chosen = weighted_sample(_plastic_by_area(outlines, slicer, bead, request))
    samples = [Sample(_laid(slicer, heights, index, profile, request), weight) for index, weight in chosen]
    return NeutralSlicing(tuple(samples), find_faults(outlines, bead, moved))


def weighted_sample(sizes: Points) -> list[tuple[int, float]]:
    """Layers to look at and the weight of each, by a rough size (n,) of every layer.

    Weights of the layers between the ends scale their sizes to the sum of all sizes there.
    """
    count = len(sizes)
    between = np.arange(AT_ENDS, max(AT_ENDS, count - AT_ENDS))
    if len(between) <= BETWEEN:
        return [(index, 1.0) for index in range(count)]
    chosen = between[((np.arange(BETWEEN) + 0.5) * len(between) / BETWEEN).astype(np.int64)]
    weight = float(sizes[between].sum() / max(sizes[chosen].sum(), 1e-9))
    ends = [*range(AT_ENDS), *range(count - AT_ENDS, count)]
    return sorted([*((index, 1.0) for index in ends), *((int(index), weight) for index in chosen)])


def sharing_key(profile: MachineProfile) -> tuple[float, float, float]:
    """Machines with equal keys can share one slicing."""
    return (profile.bead_width_mm, profile.layers.first_height_mm, profile.retraction.min_travel_mm)


def estimate(slicing: NeutralSlicing, profile: MachineProfile, material: MaterialSettings) -> Estimate:
    """What the sliced part takes on one of the machines that share the slicing."""
    place = (profile.volume_mm[0] / 2.0, profile.volume_mm[1] / 2.0)
    writer = PlateWriter(profile, material, (place,))
    seconds, volume = profile.start_s, 0.0
    for sample in slicing.samples:
        layer, layer_s = writer.layer(sample.layer, place)
        seconds += sample.weight * layer_s
        volume += sample.weight * sum(float(np.sum(bead.volumes_mm3)) for run in layer.runs for bead in run.beads)
    return Estimate(seconds, volume)


def _plastic_by_area(outlines: Outlines, slicer: Slicer, bead: BeadShape, request: PrintRequest) -> Points:
    """Roughly what each layer takes (mm²): walls by their length, skins whole, infill by its density."""
    known: dict[tuple[int, int], float] = {}
    sizes = []
    for index, outline in enumerate(outlines.regions):
        shelter = slicer.shelter(index)
        key = (id(outline), id(shelter) if shelter else 0)
        if key not in known:
            band = request.perimeters * bead.spacing_mm
            area = area_mm2(outline)
            walls = min(area, band * length_mm(outline))
            sparse = area_mm2(intersection(grown(outline, -band - bead.spacing_mm), shelter))
            known[key] = area - (1.0 - request.infill) * min(sparse, area - walls)
        sizes.append(known[key])
    return np.array(sizes)


def _laid(
    slicer: Slicer, heights: LayerHeights, index: int, profile: MachineProfile, request: PrintRequest
) -> LocalLayer:
    part, thickness = slicer.part(index), float(heights.thickness_mm[index])
    paths = lay_beads(part, BeadShape(profile.bead_width_mm, thickness), request)
    retracts = must_retract(paths, part.outline, profile.retraction.min_travel_mm)
    return LocalLayer(index, float(heights.tops_mm[index]), thickness, paths, retracts, [])
