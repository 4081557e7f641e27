"""What is asked for: how strong and how fine, and how many."""

from dataclasses import dataclass

from fabrication.domain.errors import RecordInvalid

MAX_QUANTITY = 200


@dataclass(frozen=True, slots=True)
class PrintRequest:
    """How a part is to be filled, in the words of any slicer.

    `perimeters` and `skins` count beads and layers; `infill` is the share of the inside that is deposited.
    """

    layer_mm: float = 0.2
    perimeters: int = 2
    infill: float = 0.15
    top_skins: int = 4
    bottom_skins: int = 4
    skirt_loops: int = 1
    brim_mm: float = 0.0
    clearance_mm: float = 6.0

    def __post_init__(self) -> None:
        _within("layer_mm", self.layer_mm, 0.04, 0.6)
        _within("perimeters", self.perimeters, 1, 20)
        _within("infill", self.infill, 0.0, 1.0)
        _within("top_skins", self.top_skins, 0, 50)
        _within("bottom_skins", self.bottom_skins, 0, 50)
        _within("skirt_loops", self.skirt_loops, 0, 10)
        _within("brim_mm", self.brim_mm, 0.0, 30.0)
        _within("clearance_mm", self.clearance_mm, 2.0, 100.0)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise RecordInvalid(name, f"is {value}, outside {low} to {high}")
