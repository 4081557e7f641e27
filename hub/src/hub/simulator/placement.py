"""Where a copy of the part stands: a rigid motion from model to machine coordinates, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hub.simulator.faults import BadRequest

Vector = tuple[float, float, float]
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows of the rotation, and the shift in mm: machine = rotation · model + shift."""

    rows: tuple[Vector, Vector, Vector]
    shift: Vector

    @classmethod
    def from_matrix(cls, matrix: Sequence[float]) -> Placement:
        """Read a row-major 4x4 matrix. Raises BadRequest where it is no rigid motion."""
        if len(matrix) != 16 or not all(isinstance(each, int | float) and math.isfinite(each) for each in matrix):
            raise BadRequest("bad-placement", "16 numbers are wanted")
        rows = [(float(matrix[at]), float(matrix[at + 1]), float(matrix[at + 2])) for at in (0, 4, 8)]
        for one in range(3):
            for other in range(3):
                if abs(dot(rows[one], rows[other]) - (one == other)) > _SLACK:
                    raise BadRequest("bad-placement", "the matrix turns and shifts nothing rigidly")
        if any(abs(each - wanted) > _SLACK for each, wanted in zip(matrix[12:], (0, 0, 0, 1), strict=True)):
            raise BadRequest("bad-placement", "the last row is not 0 0 0 1")
        return cls((rows[0], rows[1], rows[2]), (float(matrix[3]), float(matrix[7]), float(matrix[11])))

    def to_machine(self, point: Vector) -> Vector:
        """A point of the model on the machine."""
        (a, b, c), (x, y, z) = self.rows, self.shift
        return dot(a, point) + x, dot(b, point) + y, dot(c, point) + z

    def to_model(self, point: Vector) -> Vector:
        """A point of the machine on the model."""
        x, y, z = (point[axis] - self.shift[axis] for axis in range(3))
        a, b, c = self.rows
        return (
            a[0] * x + b[0] * y + c[0] * z,
            a[1] * x + b[1] * y + c[1] * z,
            a[2] * x + b[2] * y + c[2] * z,
        )

    def direction(self, axis: int) -> Vector:
        """The model's x, y or z direction on the machine."""
        a, b, c = self.rows
        return a[axis], b[axis], c[axis]

    @property
    def upright(self) -> bool:
        """Whether the model's vertical is the machine's."""
        return abs(abs(self.rows[2][2]) - 1.0) < _SLACK


def dot(one: Vector, other: Vector) -> float:
    """The scalar product."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
