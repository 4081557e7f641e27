"""At which heights a part is cut and how thick each layer is."""

import math
from dataclasses import dataclass

import numpy as np

from fabrication.processes.mesh import Points

ROUNDING = 1e-4
HAIR_MM = 0.0013


@dataclass(frozen=True, slots=True)
class LayerHeights:
    """`tops_mm[i]` is where the nozzle runs in layer i; `thickness_mm[i]` how thick that layer is."""

    tops_mm: Points
    thickness_mm: Points

    @property
    def middles_mm(self) -> Points:
        """Where the part is cut: half-way up each layer, and a hair more so that no flat of round size lies in it."""
        return self.tops_mm - self.thickness_mm / 2.0 + HAIR_MM

    @property
    def count(self) -> int:
        """How many layers there are."""
        return len(self.tops_mm)


def divide(height_mm: float, first_mm: float, layer_mm: float) -> LayerHeights:
    """Layers for a part of that height, which comes out right to half a layer (just half is cut); at least one."""
    count = 1 + max(0, math.ceil((height_mm - first_mm) / layer_mm - 0.5 - ROUNDING))
    thickness = np.full(count, layer_mm)
    thickness[0] = first_mm
    return LayerHeights(np.round(np.cumsum(thickness), 6), thickness)
