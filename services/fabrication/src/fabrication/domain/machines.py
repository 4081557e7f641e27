"""Machine profiles: everything a program writer must know of one machine model.

Units stand in the names; feeds are mm/s as makers publish them (programs turn them into mm/min).
"""

from dataclasses import dataclass
from string import Template
from typing import Literal

from fabrication.domain.errors import RecordInvalid

Dialect = Literal["marlin", "klipper"]

SEQUENCE_VALUES = ("nozzle_c", "first_layer_c", "bed_c", "max_z_mm")


@dataclass(frozen=True, slots=True)
class Nozzle:
    """The nozzle's bore, what its hotend can melt, and the filament that feeds it."""

    diameter_mm: float
    melt_limit_mm3_per_s: float
    filament_diameter_mm: float = 1.75


@dataclass(frozen=True, slots=True)
class Motion:
    """What the axes can do and how the planner rounds corners.

    `square_corner_mm_per_s` is Klipper's square corner velocity; Marlin's junction deviation d is the same law,
    v² = d·a·(√2+1) at a right angle (Klipper documentation, "Kinematics", look-ahead).
    """

    max_feed_mm_per_s: tuple[float, float, float]
    max_extruder_mm_per_s: float
    acceleration_mm_per_s2: float
    travel_acceleration_mm_per_s2: float
    first_layer_acceleration_mm_per_s2: float
    square_corner_mm_per_s: float


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds a program for this machine asks for, by what is deposited (mm/s)."""

    outer_wall_mm_per_s: float
    inner_wall_mm_per_s: float
    skin_mm_per_s: float
    infill_mm_per_s: float
    bridge_mm_per_s: float
    first_layer_mm_per_s: float
    travel_mm_per_s: float
    lift_mm_per_s: float


@dataclass(frozen=True, slots=True)
class Retraction:
    """How filament is drawn back before a travel."""

    length_mm: float
    feed_mm_per_s: float
    min_travel_mm: float = 2.0
    lift_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Thermal:
    """What the heaters may be asked for."""

    max_nozzle_c: float
    max_bed_c: float
    enclosed: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """The layer heights the nozzle can lay."""

    min_height_mm: float
    max_height_mm: float
    first_height_mm: float = 0.2


@dataclass(frozen=True, slots=True)
class Sequences:
    """The maker's lines before and after the part.

    `$nozzle_c`, `$bed_c`, `$first_layer_c` and `$max_z_mm` are filled in; anything else after a dollar is an error.
    """

    start: tuple[str, ...]
    end: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MachineProfile:
    """One machine model as programs see it."""

    id: str
    name: str
    revision: int
    process: Literal["fdm"]
    dialect: Dialect
    extrusion: Literal["relative", "absolute"]
    volume_mm: tuple[float, float, float]
    margin_mm: float
    nozzle: Nozzle
    layers: Layers
    motion: Motion
    feeds: Feeds
    retraction: Retraction
    thermal: Thermal
    sequences: Sequences
    source: str
    pressure_advance_s: float = 0.0
    start_s: float = 180.0

    def __post_init__(self) -> None:
        """Refuse a profile that no program could be written for; raises RecordInvalid."""
        for name, value in (
            ("volume_mm", min(self.volume_mm)),
            ("nozzle.diameter_mm", self.nozzle.diameter_mm),
            ("nozzle.melt_limit_mm3_per_s", self.nozzle.melt_limit_mm3_per_s),
            ("motion.max_feed_mm_per_s", min(self.motion.max_feed_mm_per_s)),
            ("motion.acceleration_mm_per_s2", self.motion.acceleration_mm_per_s2),
            ("layers.min_height_mm", self.layers.min_height_mm),
        ):
            if value <= 0:
                raise RecordInvalid(f"{self.id}.{name}", f"is {value}, not positive")
        if self.layers.max_height_mm > 0.8 * self.nozzle.diameter_mm:
            raise RecordInvalid(f"{self.id}.layers.max_height_mm", "is more than four fifths of the nozzle")
        known = dict.fromkeys(SEQUENCE_VALUES, "0")
        try:
            fill_sequence(self.sequences.start + self.sequences.end, known)
        except (KeyError, ValueError) as fault:
            raise RecordInvalid(f"{self.id}.sequences", f"name an unknown value: {fault}") from None

    @property
    def bead_width_mm(self) -> float:
        """The width of a bead: 1.125 nozzle bores, which a 0.4 mm nozzle lays as 0.45 mm."""
        return round(1.125 * self.nozzle.diameter_mm, 3)


def fill_sequence(lines: tuple[str, ...], values: dict[str, str]) -> tuple[str, ...]:
    """The lines with their placeholders filled in; raises KeyError for a placeholder without a value."""
    return tuple(Template(line).substitute(values) for line in lines)
