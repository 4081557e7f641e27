"""What a verification works on: the replay, the solid where each copy stands, and what is asked for."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Matrix
from fabrication.domain.requests import PrintRequest
from fabrication.verification.beads import SMOOTH_MM, LaidLayer
from fabrication.verification.replay import Floats, Ints, Replay
from fabrication.verification.solid import section

NEAR_MM = 1.5
ALIKE_MM = 0.0025
HAIR_MM = 0.0013
"""Sections lie a hair above the middle of a layer, so that no flat of round size lies in one."""
ALIKE_FILAMENT_MM = 1e-4


@dataclass(frozen=True, slots=True)
class Order:
    """What the program was asked to do, and on what; without a placement one copy is looked for."""

    profile: MachineProfile
    material: MaterialSettings
    request: PrintRequest
    placement: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A program replayed: its layers, the solid of each copy (n, 3, 3) in plate coordinates."""

    order: Order
    replay: Replay
    layers: list[LaidLayer]
    placement: tuple[Matrix, ...]
    bodies: list[Floats]

    @property
    def near_mm(self) -> float:
        """How far from a copy a bead may lie and still be its own."""
        return min(NEAR_MM, self.order.request.clearance_mm / 2.0) + self.order.request.brim_mm

    def owners(self) -> Ints:
        """For each row the copy in whose box it lays plastic, −1 for none."""
        owners = np.full(len(self.replay.line), -1, dtype=np.int64)
        points = np.stack([self.replay.start[:, :2], self.replay.end[:, :2]])
        for copy, body in enumerate(self.bodies):
            low = body.reshape(-1, 3).min(axis=0)[:2] - self.near_mm
            high = body.reshape(-1, 3).max(axis=0)[:2] + self.near_mm
            within = ((points >= low) & (points <= high)).all(axis=(0, 2))
            owners[within & self.replay.laying] = copy
        return owners

    def alike(self, owners: Ints, copy: int, other: int) -> bool:
        """Whether one copy's beads are another's, moved."""
        one, two = np.flatnonzero(owners == copy), np.flatnonzero(owners == other)
        if len(one) != len(two):
            return False
        shift = np.zeros(3)
        shift[:2] = [self.placement[copy][axis][3] - self.placement[other][axis][3] for axis in (0, 1)]
        replay = self.replay
        return bool(
            np.abs(replay.start[one] - replay.start[two] - shift).max(initial=0.0) < ALIKE_MM
            and np.abs(replay.end[one] - replay.end[two] - shift).max(initial=0.0) < ALIKE_MM
            and np.abs(replay.extruded[one] - replay.extruded[two]).max(initial=0.0) < ALIKE_FILAMENT_MM
        )

    def sections(self, copy: int) -> list[BaseGeometry]:
        """The section of that copy's solid in the middle of each layer; equal ones are the same object."""
        known: dict[bytes, BaseGeometry] = {}
        found = []
        for layer in self.layers:
            area = section(self.bodies[copy], layer.z_mm - layer.height_mm / 2.0 + HAIR_MM)
            area = shapely.simplify(area.normalize(), SMOOTH_MM)
            found.append(known.setdefault(shapely.to_wkb(area), area))
        return found
