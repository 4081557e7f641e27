"""Neutral motion: what the machine does, before it is spelt in a controller's dialect.

Coordinates are plate millimetres; `bead_mm3` is the plastic a move deposits.
"""

from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """What a bead is part of; written into programs as comments and drawn in its own colour."""

    SKIRT = "skirt"
    BRIM = "brim"
    OUTER_WALL = "outer-wall"
    INNER_WALL = "inner-wall"
    SKIN = "skin"
    BRIDGE = "bridge"
    GAP = "gap"
    INFILL = "infill"


@dataclass(frozen=True, slots=True)
class Bead:
    """One unbroken bead: the points it runs through and the plastic laid along each piece.

    `points` has one entry more than `volumes_mm3`; a closed bead repeats its first point at its end.
    """

    feature: Feature
    points: tuple[tuple[float, float], ...]
    volumes_mm3: tuple[float, ...]
    feed_mm_per_s: float
    retract_before: bool


@dataclass(frozen=True, slots=True)
class ObjectRun:
    """The beads of one copy in one layer; `copy` is -1 for what belongs to the plate (the skirt)."""

    copy: int
    beads: tuple[Bead, ...]


@dataclass(frozen=True, slots=True)
class ToolLayer:
    """One layer: the nozzle's height, the thickness, the fan's share (and that over bridges), the runs in order."""

    index: int
    z_mm: float
    height_mm: float
    fan: float
    bridge_fan: float
    acceleration_mm_per_s2: float
    nozzle_c: float
    runs: tuple[ObjectRun, ...]


@dataclass(frozen=True, slots=True)
class Toolpath:
    """A whole plate."""

    layers: tuple[ToolLayer, ...]
    copies: int
