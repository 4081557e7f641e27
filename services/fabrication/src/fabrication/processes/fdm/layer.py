"""The beads of one layer of one part, island by island: walls from the inside out, gaps, bridges, skins, infill."""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.requests import PrintRequest
from fabrication.domain.toolpath import Feature
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.bridges import Bridge
from fabrication.processes.fdm.gaps import gap_path
from fabrication.processes.fdm.infill import bridge_lines, skin_lines, sparse_lines
from fabrication.processes.fdm.ordering import nearest_first, nearest_groups
from fabrication.processes.fdm.path import Path, line, loop
from fabrication.processes.fdm.perimeters import Walls
from fabrication.processes.fdm.region import Region, difference, union
from fabrication.processes.fdm.skins import divide_inside
from fabrication.processes.mesh import Points

ORIGIN = np.zeros(2)


@dataclass(frozen=True, slots=True)
class LayerPart:
    """One layer's outline, its islands' walls, what shelters it and what it bridges."""

    index: int
    outline: Region
    walls: tuple[Walls, ...]
    shelter: Region
    bridges: tuple[Bridge, ...]


def lay_beads(part: LayerPart, bead: BeadShape, request: PrintRequest) -> list[Path]:
    """All beads of the layer in the order they are laid."""
    groups = [_island(part, walls, bead, request) for walls in part.walls]
    return [path for group in nearest_groups(groups, ORIGIN) for path in group]


def _island(part: LayerPart, walls: Walls, bead: BeadShape, request: PrintRequest) -> list[Path]:
    paths: list[Path] = []
    place: Points = ORIGIN
    for step in (
        _wall_paths(walls, bead),
        [gap_path(gap, bead.height_mm) for gap in walls.gaps],
        *_inside_paths(part, walls.inside, bead, request),
    ):
        ordered = nearest_first(step, place)
        paths += ordered
        place = ordered[-1].points[-1] if ordered else place
    return paths


def _wall_paths(walls: Walls, bead: BeadShape) -> list[Path]:
    """Inner loops before outer ones, so that an overhanging outer bead has a neighbour to hold on to."""
    paths: list[Path] = []
    for depth in range(len(walls.loops) - 1, -1, -1):
        feature = Feature.INNER_WALL if depth else Feature.OUTER_WALL
        area_mm2 = bead.area_mm2 if depth else bead.outer_area_mm2
        loops = [loop(feature, wall.outline, area_mm2 * wall.shares) for wall in walls.loops[depth]]
        paths += nearest_first(loops, paths[-1].points[-1] if paths else ORIGIN)
    return paths


def _inside_paths(part: LayerPart, inside: Region, bead: BeadShape, request: PrintRequest) -> list[list[Path]]:
    bridged = union(*(bridge.region for bridge in part.bridges))
    filling = divide_inside(inside, part.shelter, bridged, request.infill, bead)
    steps = []
    done: Region = []
    for bridge in part.bridges:
        threads = divide_inside(inside, [], difference(bridge.region, done), 1.0, bead).bridge
        done = union(done, bridge.region)
        steps.append(_lines(Feature.BRIDGE, bridge_lines(threads, bead, bridge.angle_deg), bead))
    steps.append(_lines(Feature.SKIN, skin_lines(filling.solid, bead, part.index), bead))
    sparse = sparse_lines(filling.sparse, bead, request.infill, part.index)
    return [*steps, *(_lines(Feature.INFILL, lines, bead) for lines in sparse)]


def _lines(feature: Feature, lines: Points, bead: BeadShape) -> list[Path]:
    return [line(feature, ends, bead.area_mm2) for ends in lines]
