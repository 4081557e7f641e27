import itertools
import math
from collections.abc import Callable

import pytest

LAYER_MM = 0.2
BEAD_MM = 0.45
FILAMENT_AREA_MM2 = math.pi * 1.75**2 / 4
START = "M140 S60\nM104 S215\nM190 S60\nM109 S215\nG28\nG90\nM83\nG92 E0\n"
END = "M104 S0\nM140 S0\nM84\n"


def filament_per_mm(width: float = BEAD_MM, height: float = LAYER_MM) -> float:
    """Filament (mm) for a mm of bead, in closed form: a flat band with half-round flanks."""
    return (width - height * (1 - math.pi / 4)) * height / FILAMENT_AREA_MM2


def square(cx: float, cy: float, outer_x: float, outer_y: float, z: float, *, feed: int = 3000) -> str:
    rx, ry = (outer_x - BEAD_MM) / 2, (outer_y - BEAD_MM) / 2
    corners = [(cx + rx * i, cy + ry * j) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    lines = [f"G1 X{corners[0][0]:.4f} Y{corners[0][1]:.4f} F9000"]
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        e = filament_per_mm() * math.hypot(x1 - x0, y1 - y0)
        lines.append(f"G1 X{x1:.4f} Y{y1:.4f} E{e:.6f} F{feed}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def ring() -> Callable[..., str]:
    """A program of hollow square towers of known outer size: one at each centre, with a skirt where wanted."""

    def make(
        outer: tuple[float, float] = (20.0, 20.0),
        layers: int = 5,
        centres: tuple[tuple[float, float], ...] = ((100.0, 100.0),),
        *,
        types: bool = True,
        skirt: bool = False,
        walls: int = 1,
    ) -> str:
        text = START
        for layer in range(1, layers + 1):
            z = LAYER_MM * layer
            text += f"G1 Z{z:.3f} F600\n"
            if skirt and layer == 1:
                text += ";TYPE:Skirt\n" if types else ""
                xs, ys = [c[0] for c in centres], [c[1] for c in centres]
                size = max(max(xs) - min(xs) + outer[0], max(ys) - min(ys) + outer[1]) + 12
                text += square((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2, size, size, z)
            text += ";TYPE:External perimeter\n" if types else ""
            for cx, cy in centres:
                for wall in range(walls):
                    inset = 2 * wall * (BEAD_MM - LAYER_MM * (1 - math.pi / 4))
                    text += square(cx, cy, outer[0] - inset, outer[1] - inset, z)
        return text + END

    return make
