"""Gaps between walls, too narrow for a loop: one bead along the middle, as wide at each place as the gap.

The middle consists of those edges of the Voronoi diagram of points along the gap's border that lie inside it (Held,
"VRONI", Computational Geometry 18, 2001, for the exact form; Slic3r's MedialAxis for its use). Spurs that only reach
into a corner are cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from fabrication.domain.toolpath import Feature
from fabrication.processes.fdm.path import Path
from fabrication.processes.fdm.region import Region, islands
from fabrication.processes.mesh import Points

STEP_MM = 0.15
SHORTEST_MM = 0.5
NARROWEST_MM = 0.1
SMOOTH_MM = 0.01
SNAP_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class GapLine:
    """The middle of a gap: its points (n, 2) and how wide the gap is along each of the n − 1 pieces between them."""

    points: Points
    widths_mm: Points


def gap_lines(gaps: Region, widest_mm: float) -> tuple[GapLine, ...]:
    """The middles of all gaps; where a gap is wider than a bead can be, the bead's width stands."""
    return tuple(line for gap in islands(gaps) for line in _lines(gap, widest_mm))


def gap_path(gap: GapLine, height_mm: float) -> Path:
    """The bead that fills a gap in a layer of that height."""
    return Path(Feature.GAP, gap.points, gap.widths_mm * height_mm)


def _lines(gap: Region, widest_mm: float) -> Iterator[GapLine]:
    polygon = shapely.Polygon(gap[0], gap[1:])
    for chain in _middle(polygon):
        if chain.length >= SHORTEST_MM:
            points = shapely.get_coordinates(shapely.segmentize(shapely.simplify(chain, SMOOTH_MM), 10 * STEP_MM))
            widths = _widths(points, polygon)
            yield GapLine(points, np.clip((widths[1:] + widths[:-1]) / 2.0, NARROWEST_MM, widest_mm))


def _middle(polygon: shapely.Polygon) -> list[shapely.LineString]:
    """The chains of the middle line, without spurs."""
    border = shapely.segmentize(polygon, STEP_MM)
    sites = shapely.MultiPoint(shapely.get_coordinates(border))
    edges = shapely.get_parts(shapely.voronoi_polygons(sites, only_edges=True))
    shapely.prepare(polygon)
    chains = _joined(_snapped(edges[shapely.contains_properly(polygon, edges)]))
    return _joined(_without_spurs(chains, polygon))


def _snapped(edges: Sequence[shapely.LineString]) -> list[shapely.LineString]:
    """The edges on a grid, each once: where sites lie opposite each other nodes split by less than their rounding."""
    ends = np.round(shapely.get_coordinates(edges).reshape(-1, 2, 2), SNAP_DECIMALS)
    ends = ends[np.any(ends[:, 0] != ends[:, 1], axis=1)]
    swapped = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[swapped] = ends[swapped][:, ::-1]
    return list(shapely.linestrings(np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2, 2)))


def _joined(lines: list[shapely.LineString]) -> list[shapely.LineString]:
    if not lines:
        return []
    return list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(list(lines)))))


def _without_spurs(chains: list[shapely.LineString], polygon: shapely.Polygon) -> list[shapely.LineString]:
    """Chains with a free end go when they are shorter than the gap is wide where they branch off."""
    ends = [chain.coords[place] for chain in chains for place in (0, -1)]
    counts = {end: ends.count(end) for end in set(ends)}
    kept = []
    for chain in chains:
        head, tail = chain.coords[0], chain.coords[-1]
        forks = [end for end in (head, tail) if counts[end] > 1]
        spur = len(forks) == 1 and chain.length < _widths(np.array(forks), polygon)[0]
        if not spur:
            kept.append(chain)
    return kept


def _widths(points: Points, polygon: shapely.Polygon) -> Points:
    """The gap's width at each point (n, 2): twice the distance to its border."""
    return np.asarray(2.0 * shapely.distance(shapely.points(points), polygon.boundary))
