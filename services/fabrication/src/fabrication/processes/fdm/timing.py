"""How long a layer takes on the machine: its beads, the travels between them, lifts and retractions."""

import numpy as np

from fabrication.domain.machines import MachineProfile
from fabrication.domain.toolpath import Bead, ToolLayer
from fabrication.processes.fdm.planner import move_seconds
from fabrication.processes.mesh import Points


def layer_seconds(layer: ToolLayer, start: tuple[float, float], profile: MachineProfile) -> float:
    """The seconds from the end of the layer before (at `start`) to the end of this one."""
    beads = [bead for run in layer.runs for bead in run.beads]
    if not beads:
        return 0.0
    points, feeds, laying = _moves(beads, start, profile.feeds.travel_mm_per_s)
    steps = np.zeros((len(feeds), 3))
    steps[:, :2] = np.diff(points, axis=0)
    acceleration = np.where(laying, layer.acceleration_mm_per_s2, profile.motion.travel_acceleration_mm_per_s2)
    moving = float(move_seconds(steps, feeds, acceleration, profile.motion.square_corner_mm_per_s).sum())
    retractions = sum(bead.retract_before for bead in beads)
    return moving + retractions * _retraction_seconds(profile) + layer.height_mm / profile.feeds.lift_mm_per_s


def last_place(layer: ToolLayer, start: tuple[float, float]) -> tuple[float, float]:
    """Where the nozzle is when the layer is done."""
    for run in reversed(layer.runs):
        if run.beads:
            return run.beads[-1].points[-1]
    return start


def _moves(beads: list[Bead], start: tuple[float, float], travel: float) -> tuple[Points, Points, Points]:
    points: list[tuple[float, float]] = [start]
    feeds: list[float] = []
    laying: list[bool] = []
    for bead in beads:
        points += bead.points
        pieces = len(bead.points) - 1
        feeds.append(travel)
        feeds += [bead.feed_mm_per_s] * pieces
        laying.append(False)
        laying += [True] * pieces
    return np.array(points), np.array(feeds), np.array(laying)


def _retraction_seconds(profile: MachineProfile) -> float:
    """Out and in again, up and down again."""
    retraction = profile.retraction
    return 2.0 * (retraction.length_mm / retraction.feed_mm_per_s + retraction.lift_mm / profile.feeds.lift_mm_per_s)
