"""A bead before it has a place on the plate: points in the part's own coordinates."""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.toolpath import Feature
from fabrication.processes.mesh import Points


@dataclass(frozen=True, slots=True)
class Path:
    """One unbroken bead: `points` (n, 2) in mm, the cross-section of each of its n − 1 pieces in mm².

    A loop repeats its first point at its end.
    """

    feature: Feature
    points: Points
    areas_mm2: Points

    @property
    def is_loop(self) -> bool:
        """Whether it ends where it starts."""
        return bool(np.array_equal(self.points[0], self.points[-1]))

    @property
    def lengths_mm(self) -> Points:
        """The length of each piece, (n − 1,)."""
        return np.asarray(np.linalg.norm(np.diff(self.points, axis=0), axis=1))

    @property
    def volume_mm3(self) -> float:
        """The plastic in it."""
        return float(self.lengths_mm @ self.areas_mm2)

    def reversed(self) -> "Path":
        """The same bead, laid from its other end."""
        return Path(self.feature, self.points[::-1], self.areas_mm2[::-1])


def loop(feature: Feature, outline: Points, areas_mm2: Points) -> Path:
    """A closed bead that starts at the seam: the outline's hindmost point (greatest y, then greatest x).

    `areas_mm2` (n,) are the cross-sections of the outline's n pieces.
    """
    seam = int(np.lexsort((outline[:, 0], outline[:, 1]))[-1])
    points = np.vstack([np.roll(outline, -seam, axis=0), outline[seam : seam + 1]])
    return Path(feature, points, np.roll(areas_mm2, -seam))


def line(feature: Feature, ends: Points, area_mm2: float) -> Path:
    """A straight bead between two points (2, 2)."""
    return Path(feature, ends, np.array([area_mm2]))
