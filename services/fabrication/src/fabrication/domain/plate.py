"""How many copies a plate holds and where each stands."""

import math
from dataclasses import dataclass

from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Matrix


@dataclass(frozen=True, slots=True)
class Layout:
    """Where copies stand: the centre of each copy's bounding box on the plate, all turned alike about z."""

    turned: bool
    centres_mm: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plate:
    """The usable rectangle of a machine, with the room that each copy needs around it."""

    low_mm: tuple[float, float]
    high_mm: tuple[float, float]
    clearance_mm: float
    border_mm: float = 0.0

    @staticmethod
    def of(profile: MachineProfile, clearance_mm: float, border_mm: float = 0.0) -> "Plate":
        """The plate of a machine; `border_mm` is what a brim adds on every side of a copy."""
        width, depth, _ = profile.volume_mm
        margin = profile.margin_mm
        return Plate((margin, margin), (width - margin, depth - margin), clearance_mm, border_mm)

    def capacity(self, extent_mm: tuple[float, float]) -> int:
        """How many copies of that size fit, whichever way they are turned."""
        return max(math.prod(self._grid(extent_mm)), math.prod(self._grid(extent_mm[::-1])))

    def layout(self, extent_mm: tuple[float, float], quantity: int) -> Layout | None:
        """`quantity` copies in a block about the plate's middle, turned by 90° where only that fits; None if none."""
        for turned in (False, True):
            extent = extent_mm[::-1] if turned else extent_mm
            columns, rows = self._grid(extent)
            if columns * rows >= quantity:
                return Layout(turned, self._block(extent, columns, rows, quantity))
        return None

    def _grid(self, extent_mm: tuple[float, float]) -> tuple[int, int]:
        counts = []
        for size, low, high in zip(extent_mm, self.low_mm, self.high_mm, strict=True):
            pitch = size + 2 * self.border_mm + self.clearance_mm
            counts.append(max(0, math.floor((high - low + self.clearance_mm) / pitch + 1e-9)))
        return counts[0], counts[1]

    def _block(
        self, extent_mm: tuple[float, float], most_columns: int, most_rows: int, quantity: int
    ) -> tuple[tuple[float, float], ...]:
        pitch_x, pitch_y = (size + 2 * self.border_mm + self.clearance_mm for size in extent_mm)
        columns = min(
            most_columns, max(math.ceil(quantity / most_rows), round(math.sqrt(quantity * pitch_y / pitch_x)))
        )
        columns = max(1, columns)
        rows = math.ceil(quantity / columns)
        middle_x, middle_y = ((low + high) / 2 for low, high in zip(self.low_mm, self.high_mm, strict=True))
        places = []
        for index in range(quantity):
            row, column = divmod(index, columns)
            x = middle_x + (column - (columns - 1) / 2) * pitch_x
            y = middle_y + (row - (rows - 1) / 2) * pitch_y
            places.append((round(x, 3), round(y, 3)))
        return tuple(places)


def placement(
    layout: Layout, low_mm: tuple[float, float, float], high_mm: tuple[float, float, float]
) -> tuple[Matrix, ...]:
    """For each copy the 4×4 that takes model coordinates to the plate: base on z = 0, box centred on its place."""
    centre_x, centre_y = ((low + high) / 2 for low, high in zip(low_mm[:2], high_mm[:2], strict=True))
    matrices = []
    for x, y in layout.centres_mm:
        if layout.turned:
            first, second = (0.0, -1.0, 0.0, _tidy(x + centre_y)), (1.0, 0.0, 0.0, _tidy(y - centre_x))
        else:
            first, second = (1.0, 0.0, 0.0, _tidy(x - centre_x)), (0.0, 1.0, 0.0, _tidy(y - centre_y))
        matrices.append((first, second, (0.0, 0.0, 1.0, -low_mm[2] + 0.0), (0.0, 0.0, 0.0, 1.0)))
    return tuple(matrices)


def _tidy(value: float) -> float:
    """To the micrometre: programs are written with three decimals, so copies come out alike."""
    return round(value, 3) + 0.0
