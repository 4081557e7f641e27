"""The beads of a replay: which moves hang together, in which layer, how wide they lie."""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.machines import MachineProfile
from fabrication.verification.replay import Floats, Ints, Replay

ROUND_FLANKS = 1.0 - math.pi / 4.0
WIDTH_STEP_MM = 0.005
EVEN_SHARE = 0.03
SHORT_MM = 0.2
QUARTER_SEGMENTS = 3
SMOOTH_MM = 0.005
WIDEST_MM = 3.0


@dataclass(frozen=True, slots=True)
class LaidLayer:
    """One height at which plastic was laid: the rows of the replay, the layer's thickness."""

    z_mm: float
    height_mm: float
    rows: Ints


def laid_layers(replay: Replay) -> list[LaidLayer]:
    """The layers in the order in which they were begun; a height that is come back to makes another."""
    rows = np.flatnonzero(replay.laying)
    if len(rows) == 0:
        return []
    z = np.round(replay.end[rows, 2], 4)
    cuts = np.flatnonzero(np.diff(z) != 0.0) + 1
    layers, below = [], 0.0
    for run in np.split(rows, cuts):
        height = float(np.round(replay.end[run[0], 2], 4))
        layers.append(LaidLayer(height, height - below, run))
        below = height
    return layers


def volumes_mm3(replay: Replay, rows: Ints, profile: MachineProfile) -> Floats:
    """The plastic that each of those moves lays."""
    return np.asarray(replay.extruded[rows] * math.pi * profile.nozzle.filament_diameter_mm**2 / 4.0)


def cross_sections_mm2(replay: Replay, rows: Ints, profile: MachineProfile) -> Floats:
    """The cross-section of the bead along each move."""
    return np.asarray(volumes_mm3(replay, rows, profile) / np.maximum(replay.lengths_mm[rows], 1e-9))


def nominal_mm2(profile: MachineProfile, height_mm: float) -> float:
    """The cross-section of the profile's bead: a band with round flanks ("Flow Math", Slic3r manual)."""
    return (profile.bead_width_mm - ROUND_FLANKS * height_mm) * height_mm


def bead_lines(replay: Replay, rows: Ints) -> list[Ints]:
    """The rows in runs that hang together end to start."""
    if len(rows) == 0:
        return []
    same_place = np.all(replay.end[rows[:-1], :2] == replay.start[rows[1:], :2], axis=1)
    breaks = np.flatnonzero(~same_place | (np.diff(rows) != 1)) + 1
    return list(np.split(rows, breaks))


def polyline(replay: Replay, run: Ints) -> Floats:
    """The points (n + 1, 2) of one run."""
    return np.vstack([replay.start[run[:1], :2], replay.end[run, :2]])


def cover(replay: Replay, layer: LaidLayer, rows: Ints, profile: MachineProfile) -> BaseGeometry:
    """The area that the beads of those rows cover."""
    by_width: dict[int, list[Floats]] = defaultdict(list)
    for run in bead_lines(replay, rows):
        for piece, area_mm2 in _even_pieces(replay, run, profile):
            width = area_mm2 / layer.height_mm + ROUND_FLANKS * layer.height_mm
            by_width[max(1, round(min(width, WIDEST_MM) / WIDTH_STEP_MM))].append(polyline(replay, piece))
    covers = []
    for step, lines in sorted(by_width.items()):
        joined = shapely.multilinestrings([shapely.linestrings(line) for line in lines])
        smooth = shapely.simplify(joined, SMOOTH_MM, preserve_topology=False)
        covers.append(shapely.buffer(smooth, step * WIDTH_STEP_MM / 2.0, quad_segs=QUARTER_SEGMENTS))
    return shapely.simplify(shapely.union_all(covers), SMOOTH_MM)


def _even_pieces(replay: Replay, run: Ints, profile: MachineProfile) -> list[tuple[Ints, float]]:
    """A bead with its cross-section, in one piece where it is even (but for rounding), else move by move."""
    areas, lengths = cross_sections_mm2(replay, run, profile), replay.lengths_mm[run]
    mean = float(areas @ lengths / max(float(lengths.sum()), 1e-9))
    if bool((np.abs(areas - mean) * lengths <= EVEN_SHARE * mean * np.maximum(lengths, SHORT_MM)).all()):
        return [(run, mean)]
    return [(run[index : index + 1], float(area)) for index, area in enumerate(areas)]
