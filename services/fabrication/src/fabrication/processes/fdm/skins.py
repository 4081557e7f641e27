"""Which parts of a layer must be solid: those without enough part above or below them."""

from dataclasses import dataclass

from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.region import Region, area_mm2, difference, grown, intersection, islands, opened, union

SMALLEST_SPARSE_MM2 = 4.0


@dataclass(frozen=True, slots=True)
class Filling:
    """The inside of a layer, divided: bridges over air, solid skin, sparse infill."""

    bridge: Region
    solid: Region
    sparse: Region


def sheltered(outlines: list[Region], index: int, top: int, bottom: int) -> Region:
    """Where layer `index` has part in each of the next `top` layers and each of the `bottom` layers below."""
    neighbours = [*range(index + 1, index + top + 1), *range(index - 1, index - bottom - 1, -1)]
    if any(neighbour < 0 or neighbour >= len(outlines) for neighbour in neighbours):
        return []
    common = outlines[index]
    for neighbour in neighbours:
        if outlines[neighbour] is not common:
            common = intersection(common, outlines[neighbour])
    return common


def divide_inside(inside: Region, shelter: Region, bridge: Region, density: float, bead: BeadShape) -> Filling:
    """Divide what lies inside the walls; slivers of sparse infill become solid, and skins reach a bead further in."""
    bridging = intersection(bridge, inside)
    rest = difference(inside, bridging)
    if density >= 1.0:
        return Filling(bridging, rest, [])
    solid = intersection(grown(difference(inside, shelter), bead.spacing_mm), rest)
    solid = opened(solid, bead.spacing_mm / 4.0)
    sparse = opened(difference(rest, solid), bead.spacing_mm)
    sparse = union(*(piece for piece in islands(sparse) if area_mm2(piece) >= SMALLEST_SPARSE_MM2))
    return Filling(bridging, difference(rest, sparse), sparse)
