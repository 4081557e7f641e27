"""A closed triangle mesh of a part."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Vertices (n, 3) in mm and triangles (m, 3), counter-clockwise seen from outside; shared vertices are shared."""

    vertices: Points
    triangles: Indices

    @property
    def low_mm(self) -> Points:
        """The lower corner of the bounding box, (3,)."""
        return np.asarray(self.vertices.min(axis=0))

    @property
    def high_mm(self) -> Points:
        """The upper corner of the bounding box, (3,)."""
        return np.asarray(self.vertices.max(axis=0))

    @property
    def volume_mm3(self) -> float:
        """The enclosed volume by the divergence theorem."""
        a, b, c = (self.vertices[self.triangles[:, corner]] for corner in range(3))
        return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)

    def moved(self, matrix: Points) -> "Mesh":
        """The mesh under a rigid 4×4 transform."""
        return Mesh(self.vertices @ matrix[:3, :3].T + matrix[:3, 3], self.triangles)


def welded(vertices: Points, triangles: Indices, grid_mm: float = 1e-6) -> Mesh:
    """A mesh whose corners within `grid_mm` of each other are one vertex; triangles that vanish are dropped."""
    _, first, inverse = np.unique(
        np.round(vertices / grid_mm).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    joined = inverse.reshape(-1)[triangles]
    kept = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 2] != joined[:, 0])
    return Mesh(vertices[first], joined[kept])
