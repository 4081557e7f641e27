"""How much plastic a bead holds and how far apart beads lie.

A bead of width w in a layer of height h is a flat band with half-round flanks; neighbours share the space between their
flanks, so they lie s = w − h·(1 − π/4) apart and each fills s·h ("Flow Math", Slic3r manual). The outermost bead is
given what fills its flank up to the outline, so that a solid print takes the volume of the part.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeadShape:
    """One bead's width and height (mm)."""

    width_mm: float
    height_mm: float

    @property
    def spacing_mm(self) -> float:
        """The distance at which neighbours fill the layer between them."""
        return self.width_mm - self.height_mm * (1.0 - math.pi / 4.0)

    @property
    def area_mm2(self) -> float:
        """The cross-section."""
        return self.spacing_mm * self.height_mm

    @property
    def outer_area_mm2(self) -> float:
        """The cross-section of the outermost bead, which has no neighbour to share its outer flank's space with."""
        return (self.width_mm + self.spacing_mm) / 2.0 * self.height_mm


def filament_mm(volume_mm3: float, diameter_mm: float) -> float:
    """The length of filament that holds a volume."""
    return volume_mm3 / (math.pi * diameter_mm**2 / 4.0)
