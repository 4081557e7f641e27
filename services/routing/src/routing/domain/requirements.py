"""What a job order needs of a machine, from fabrication's assessment of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.domain.geography import Place


@dataclass(frozen=True, slots=True)
class Size:
    """Extents along x, y and z."""

    x_mm: float
    y_mm: float
    z_mm: float

    def fits_turned(self, room: Size) -> bool:
        """Whether it fits into `room` when it is turned by right angles."""
        own = sorted((self.x_mm, self.y_mm, self.z_mm))
        other = sorted((room.x_mm, room.y_mm, room.z_mm))
        return all(a <= b for a, b in zip(own, other, strict=True))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so: a stable code, and words."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProfileNeed:
    """What one machine profile would need for one part, or the findings for which it cannot make it."""

    makeable: bool
    findings: tuple[Reason, ...] = ()
    setup_minutes: float = 0.0
    minutes_per_part: float = 0.0
    grams_per_part: float = 0.0
    plate_capacity: int = 0

    def minutes(self, parts: int) -> float:
        """Machine time for `parts` made at once."""
        return self.setup_minutes + parts * self.minutes_per_part

    def grams(self, parts: int) -> float:
        """Material for `parts`."""
        return parts * self.grams_per_part


@dataclass(frozen=True, slots=True)
class Requirements:
    """The parts of one job order, and what each profile would need for them.

    `destination` is where the customer is; `pickup_hub_id` is set where the order's other parts lie at a hub already.
    """

    part_ids: tuple[str, ...]
    version_id: str
    material_id: str
    extent: Size
    profiles: Mapping[str, ProfileNeed] = field(default_factory=dict)
    destination: Place | None = None
    pickup_hub_id: str = ""

    @property
    def parts(self) -> int:
        """How many parts are made together."""
        return len(self.part_ids)
