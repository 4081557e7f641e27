"""What FDM controllers have in common: G0, G1, the extruder's axis, temperatures and fan (RepRap wiki, "G-code").

A dialect says what differs: accelerations, pressure advance, and how copies are told apart.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from fabrication.domain.machines import MachineProfile, fill_sequence
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Matrix
from fabrication.domain.toolpath import Bead, Feature, ObjectRun, ToolLayer, Toolpath

FAN_FULL = 255


@dataclass(frozen=True, slots=True)
class ProgramHeader:
    """What stands at the top of a program; nothing in it changes from one run to the next.

    `low_mm` and `high_mm` bound the part in model coordinates; `placement` takes those to the plate, copy by copy.
    """

    engine: str
    notes: tuple[tuple[str, str], ...]
    placement: tuple[Matrix, ...]
    low_mm: tuple[float, float, float]
    high_mm: tuple[float, float, float]


class GcodeWriter(ABC):
    """Writes one plate's program."""

    def __init__(self, profile: MachineProfile, material: MaterialSettings) -> None:
        self.profile = profile
        self.material = material
        self._lines: list[str] = []
        self._relative = profile.extrusion == "relative"
        self._filament_mm2 = math.pi * profile.nozzle.filament_diameter_mm**2 / 4.0
        self._extruded_mm = 0.0
        self._retracted = False
        self._feed: float | None = None
        self._fan: float | None = None
        self._feature: Feature | None = None
        self._z_mm = 0.0

    def write(self, toolpath: Toolpath, header: ProgramHeader) -> str:
        """The whole program as text; the same toolpath gives the same bytes."""
        self._head(header, toolpath)
        values = self._sequence_values(toolpath)
        self._lines += fill_sequence(self.profile.sequences.start, values)
        self._lines += self.pressure_advance()
        self._lines += self.define_copies(header)
        for layer in toolpath.layers:
            self._layer(layer)
        self._draw_back()
        self._lines.append(";END")
        self._lines += fill_sequence(self.profile.sequences.end, values)
        return "\n".join(self._lines) + "\n"

    @abstractmethod
    def acceleration(self, laying_mm_per_s2: float, travel_mm_per_s2: float) -> list[str]:
        """The lines that set accelerations."""

    @abstractmethod
    def pressure_advance(self) -> list[str]:
        """The lines that set the pressure advance of the profile, none where it has none."""

    @abstractmethod
    def define_copies(self, header: ProgramHeader) -> list[str]:
        """The lines before the first layer by which a single copy can later be given up."""

    @abstractmethod
    def begin_copy(self, copy: int) -> list[str]:
        """The lines before a copy's beads."""

    @abstractmethod
    def end_copy(self, copy: int) -> list[str]:
        """The lines after them."""

    def _head(self, header: ProgramHeader, toolpath: Toolpath) -> None:
        self._lines += [
            f"; program for {self.profile.id} revision {self.profile.revision}",
            f"; material {self.material.id} revision {self.material.revision}",
            f"; engine {header.engine}",
            f"; layers {len(toolpath.layers)}, copies {toolpath.copies}",
            *(f"; {name} {value}" for name, value in header.notes),
        ]

    def _sequence_values(self, toolpath: Toolpath) -> dict[str, str]:
        top = toolpath.layers[-1].z_mm
        fdm = self.material.fdm
        return {
            "nozzle_c": f"{fdm.nozzle_c.value:g}",
            "first_layer_c": f"{fdm.first_layer_nozzle_c.value:g}",
            "bed_c": f"{fdm.bed_c.value:g}",
            "max_z_mm": f"{min(self.profile.volume_mm[2], top + 10.0):g}",
        }

    def _layer(self, layer: ToolLayer) -> None:
        self._lines += [f";LAYER:{layer.index}", f";Z:{layer.z_mm:g}", f";HEIGHT:{layer.height_mm:g}"]
        if not self._relative:
            self._count_from_here()
        if layer.index == 1:
            self._lines.append(f"M104 S{layer.nozzle_c:g}")
        if layer.index <= 1:
            travel = self.profile.motion.travel_acceleration_mm_per_s2
            self._lines += self.acceleration(layer.acceleration_mm_per_s2, travel)
        self._z_mm = layer.z_mm
        for run in layer.runs:
            self._run(run, layer)

    def _count_from_here(self) -> None:
        """Start the extruder's count anew, so that absolute figures stay short and exact."""
        self._extruded_mm = -self.profile.retraction.length_mm if self._retracted else 0.0
        self._lines.append(f"G92 E{self._number(self._extruded_mm, 5)}")

    def _run(self, run: ObjectRun, layer: ToolLayer) -> None:
        if run.copy >= 0:
            self._lines += self.begin_copy(run.copy)
        for bead in run.beads:
            self._set_fan(layer.bridge_fan if bead.feature is Feature.BRIDGE else layer.fan)
            self._bead(bead)
        if run.copy >= 0:
            self._lines += self.end_copy(run.copy)

    def _bead(self, bead: Bead) -> None:
        self._travel(bead)
        if bead.feature is not self._feature:
            self._feature = bead.feature
            self._lines.append(f";TYPE:{bead.feature.value}")
        feed = self._feed_word(bead.feed_mm_per_s)
        for (x, y), volume in zip(bead.points[1:], bead.volumes_mm3, strict=True):
            extruder = self._extrude(volume / self._filament_mm2)
            self._lines.append(f"G1 X{self._number(x)} Y{self._number(y)} {extruder}{feed}")
            feed = ""

    def _travel(self, bead: Bead) -> None:
        x, y = bead.points[0]
        feeds, lift = self.profile.feeds, self.profile.retraction.lift_mm
        place = f"G0 X{self._number(x)} Y{self._number(y)}"
        if not bead.retract_before:
            self._lines.append(place + self._feed_word(feeds.travel_mm_per_s))
            return
        self._draw_back()
        self._lines.append(f"G0 Z{self._number(self._z_mm + lift)}{self._feed_word(feeds.lift_mm_per_s)}")
        self._lines.append(place + self._feed_word(feeds.travel_mm_per_s))
        if lift:
            self._lines.append(f"G0 Z{self._number(self._z_mm)}{self._feed_word(feeds.lift_mm_per_s)}")
        self._push_forward()

    def _draw_back(self) -> None:
        if not self._retracted:
            self._lines.append(self._extruder_move(-self.profile.retraction.length_mm))
            self._retracted = True

    def _push_forward(self) -> None:
        if self._retracted:
            self._lines.append(self._extruder_move(self.profile.retraction.length_mm))
            self._retracted = False

    def _extruder_move(self, length_mm: float) -> str:
        return f"G1 {self._extrude(length_mm)}{self._feed_word(self.profile.retraction.feed_mm_per_s)}"

    def _extrude(self, length_mm: float) -> str:
        if self._relative:
            return f"E{self._number(length_mm, 5)}"
        self._extruded_mm += length_mm
        return f"E{self._number(self._extruded_mm, 5)}"

    def _feed_word(self, feed_mm_per_s: float) -> str:
        if feed_mm_per_s == self._feed:
            return ""
        self._feed = feed_mm_per_s
        return f" F{self._number(60.0 * feed_mm_per_s, 1)}"

    def _set_fan(self, share: float) -> None:
        if share != self._fan:
            self._fan = share
            self._lines.append(f"M106 S{round(FAN_FULL * share)}" if share > 0.0 else "M107")

    @staticmethod
    def _number(value: float, decimals: int = 3) -> str:
        text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text
