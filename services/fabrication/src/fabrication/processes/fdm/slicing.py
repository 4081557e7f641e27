"""From a mesh to the outline, walls, shelter and bridges of every layer.

Layers with the same outline (a prism has nothing else) share their walls: they are laid once.
"""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.errors import CadRefused
from fabrication.domain.requests import PrintRequest
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.bridges import Bridge, find_bridges
from fabrication.processes.fdm.layer import LayerPart
from fabrication.processes.fdm.layers import LayerHeights
from fabrication.processes.fdm.perimeters import Walls, lay_walls
from fabrication.processes.fdm.region import Region, islands, simplified, union
from fabrication.processes.fdm.section import cut
from fabrication.processes.fdm.skins import sheltered
from fabrication.processes.mesh import Mesh


@dataclass(frozen=True, slots=True)
class Outlines:
    """The section of the part in every layer; equal ones are the same object."""

    heights: LayerHeights
    regions: list[Region]


def outline_layers(mesh: Mesh, heights: LayerHeights) -> Outlines:
    """Cut the part half-way up each layer; raises CadRefused (open-mesh) where outlines do not close."""
    known: dict[bytes, Region] = {}
    regions = []
    for section in cut(mesh, heights.middles_mm):
        if section.open_ends:
            raise CadRefused("open-mesh", f"the surface is not closed at a height of {section.height_mm:.2f} mm")
        key = b"|".join(outline.tobytes() for outline in section.outlines)
        if key not in known:
            known[key] = simplified(union(section.outlines))
        regions.append(known[key])
    return Outlines(heights, regions)


class Slicer:
    """Prepares the layers of one part for laying; what layers have in common is worked out once."""

    def __init__(self, outlines: Outlines, bead: BeadShape, request: PrintRequest) -> None:
        self._outlines = outlines
        self._bead = bead
        self._request = request
        self._walls: dict[int, tuple[Walls, ...]] = {}
        self._shelters: dict[tuple[int, ...], Region] = {}

    def part(self, index: int) -> LayerPart:
        """Everything about one layer that its beads are laid from."""
        outline = self._outlines.regions[index]
        if id(outline) not in self._walls:
            walls = (lay_walls(piece, self._bead, self._request.perimeters) for piece in islands(outline))
            self._walls[id(outline)] = tuple(walls)
        bridges = layer_bridges(self._outlines.regions, index, self._bead)
        return LayerPart(index, outline, self._walls[id(outline)], self.shelter(index), bridges)

    def shelter(self, index: int) -> Region:
        """Where the layer has enough part above and below it to be filled sparsely."""
        top, bottom = self._request.top_skins, self._request.bottom_skins
        regions = self._outlines.regions
        if index < bottom or index + top >= len(regions):
            return []
        key = tuple(dict.fromkeys(id(region) for region in regions[index - bottom : index + top + 1]))
        if key not in self._shelters:
            self._shelters[key] = sheltered(regions, index, top, bottom)
        return self._shelters[key]


def layer_bridges(regions: list[Region], index: int, bead: BeadShape) -> tuple[Bridge, ...]:
    """What layer `index` spans; the first lies on the bed."""
    if index == 0 or regions[index] is regions[index - 1]:
        return ()
    return tuple(find_bridges(regions[index], regions[index - 1], bead.width_mm))


def height_mm(mesh: Mesh) -> float:
    """How tall the part is."""
    return float(np.ptp(mesh.vertices[:, 2]))
