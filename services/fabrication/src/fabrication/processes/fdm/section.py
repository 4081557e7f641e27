"""Cut a mesh by horizontal planes, all at once.

A triangle meets a plane in a segment from the edge where its border goes down to the edge where it goes up; so laid,
all segments have the inside on their left (Minetto et al., "An optimal algorithm for 3D triangle mesh slicing", CAD
92, 2017). Both triangles of an edge compute its crossing from the same two vertices in the same order and get the same
point; points are snapped to 1 µm before segments are joined, so the joining is exact.

A vertex on a plane counts as above it: no triangle ever meets a plane in a point or a whole edge.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabrication.processes.mesh import Indices, Mesh, Points

SNAPS_PER_MM = 1000
_BITS = 31


@dataclass(frozen=True, slots=True)
class Section:
    """One plane's closed outlines in mm, outer ones counter-clockwise; `open_ends` counts chains that do not close."""

    height_mm: float
    outlines: list[Points]
    open_ends: int


def cut(mesh: Mesh, heights_mm: Points) -> list[Section]:
    """The outlines of the mesh at each height (ascending)."""
    segments, planes = _segments(mesh, heights_mm)
    bounds = np.searchsorted(planes, np.arange(len(heights_mm) + 1))
    return [
        Section(float(height), *_chain(segments[bounds[index] : bounds[index + 1]]))
        for index, height in enumerate(heights_mm)
    ]


def _segments(mesh: Mesh, heights_mm: Points) -> tuple[Indices, Indices]:
    """All segments (n, 4) in µm: x and y of both ends, sorted by their plane; and the plane of each (n,)."""
    corners_z = mesh.vertices[:, 2][mesh.triangles]
    first = np.searchsorted(heights_mm, corners_z.min(axis=1), side="right")
    last = np.searchsorted(heights_mm, corners_z.max(axis=1), side="right")
    counts = last - first
    owner = np.repeat(np.arange(len(mesh.triangles)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    planes = first[owner] + within
    order = np.argsort(planes, kind="stable")
    owner, planes = owner[order], planes[order]
    z = heights_mm[planes]
    above = corners_z[owner] >= z[:, None]
    following = np.roll(above, -1, axis=1)
    rows = np.arange(len(owner))
    goes_down = np.argmax(above & ~following, axis=1)
    goes_up = np.argmax(~above & following, axis=1)
    start = _crossing(mesh, owner, goes_down, z, rows)
    end = _crossing(mesh, owner, goes_up, z, rows)
    segments = np.hstack([start, end])
    kept = np.any(start != end, axis=1)
    return segments[kept], planes[kept]


def _crossing(mesh: Mesh, owner: Indices, edge: Indices, z: Points, rows: Indices) -> Indices:
    triangle = mesh.triangles[owner]
    one, other = triangle[rows, edge], triangle[rows, (edge + 1) % 3]
    low, high = np.minimum(one, other), np.maximum(one, other)
    a, b = mesh.vertices[low], mesh.vertices[high]
    share = (z - a[:, 2]) / (b[:, 2] - a[:, 2])
    xy = a[:, :2] + share[:, None] * (b[:, :2] - a[:, :2])
    return np.round(xy * SNAPS_PER_MM).astype(np.int64)


def _chain(segments: Indices) -> tuple[list[Points], int]:
    """Join one plane's segments end to start."""
    if len(segments) == 0:
        return [], 0
    origin = segments.reshape(-1, 2).min(axis=0)
    shifted = segments.reshape(-1, 2, 2) - origin
    codes = (shifted[..., 0] << _BITS) | shifted[..., 1]
    nodes, joined = np.unique(codes, return_inverse=True)
    joined = joined.reshape(-1, 2)
    order = np.argsort(joined[:, 0], kind="stable")
    begins = np.searchsorted(joined[order, 0], np.arange(len(nodes) + 1)).tolist()
    ends = joined[order, 1].tolist()
    loops, open_ends = _walk(begins, ends)
    xy = np.column_stack([nodes >> _BITS, nodes & ((1 << _BITS) - 1)]) + origin
    return [_in_mm(xy, loop) for loop in loops if len(loop) >= 3], open_ends


def _in_mm(xy: Indices, loop: list[int]) -> NDArray[np.float64]:
    return np.asarray(xy[loop] / SNAPS_PER_MM)


def _walk(begins: list[int], ends: list[int]) -> tuple[list[list[int]], int]:
    """Closed walks over a graph given as the segments of each node; every segment is used once."""
    unused = begins[:-1].copy()
    loops, open_ends = [], 0
    for start in range(len(unused)):
        while unused[start] < begins[start + 1]:
            loop, node = [], start
            while unused[node] < begins[node + 1]:
                loop.append(node)
                following = ends[unused[node]]
                unused[node] += 1
                node = following
                if node == start:
                    break
            if node == start:
                loops.append(loop)
            else:
                open_ends += 1
    return loops, open_ends
