"""Klipper's words (klipper3d.org, "G-Codes"): SET_VELOCITY_LIMIT, SET_PRESSURE_ADVANCE, EXCLUDE_OBJECT."""

from fabrication.domain.programs import Matrix
from fabrication.postprocessors.gcode import GcodeWriter, ProgramHeader


class KlipperWriter(GcodeWriter):
    """Programs for Klipper."""

    def acceleration(self, laying_mm_per_s2: float, travel_mm_per_s2: float) -> list[str]:
        """One limit for all moves: the lower of the two, with the profile's square corner velocity."""
        limit = min(laying_mm_per_s2, travel_mm_per_s2)
        corner = self.profile.motion.square_corner_mm_per_s
        return [f"SET_VELOCITY_LIMIT ACCEL={limit:g} SQUARE_CORNER_VELOCITY={corner:g}"]

    def pressure_advance(self) -> list[str]:
        """SET_PRESSURE_ADVANCE, where the profile says a figure."""
        advance = self.profile.pressure_advance_s
        return [f"SET_PRESSURE_ADVANCE ADVANCE={advance:g}"] if advance else []

    def define_copies(self, header: ProgramHeader) -> list[str]:
        """One EXCLUDE_OBJECT_DEFINE a copy, with the corners of its box."""
        return [self._define(copy, matrix, header) for copy, matrix in enumerate(header.placement)]

    def begin_copy(self, copy: int) -> list[str]:
        """EXCLUDE_OBJECT_START."""
        return [f"EXCLUDE_OBJECT_START NAME=copy_{copy}"]

    def end_copy(self, copy: int) -> list[str]:
        """EXCLUDE_OBJECT_END."""
        return [f"EXCLUDE_OBJECT_END NAME=copy_{copy}"]

    @staticmethod
    def _define(copy: int, matrix: Matrix, header: ProgramHeader) -> str:
        (low_x, low_y, _), (high_x, high_y, _) = header.low_mm, header.high_mm
        corners = ((low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y))
        polygon = ",".join("[{:.2f},{:.2f}]".format(*_placed(matrix, *corner)) for corner in corners)
        centre_x, centre_y = _placed(matrix, (low_x + high_x) / 2, (low_y + high_y) / 2)
        return f"EXCLUDE_OBJECT_DEFINE NAME=copy_{copy} CENTER={centre_x:.2f},{centre_y:.2f} POLYGON=[{polygon}]"


def _placed(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    (xx, xy, _, x0), (yx, yy, _, y0) = matrix[:2]
    return (xx * x + xy * y + x0, yx * x + yy * y + y0)
