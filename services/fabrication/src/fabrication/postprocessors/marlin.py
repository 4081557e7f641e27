"""Marlin's words (marlinfw.org, "G-code index"): M204 accelerations, M900 linear advance, M486 copies."""

from fabrication.postprocessors.gcode import GcodeWriter, ProgramHeader


class MarlinWriter(GcodeWriter):
    """Programs for Marlin and Prusa's firmware built on it."""

    def acceleration(self, laying_mm_per_s2: float, travel_mm_per_s2: float) -> list[str]:
        """M204: P for laying, T for travel."""
        return [f"M204 P{laying_mm_per_s2:g} T{travel_mm_per_s2:g}"]

    def pressure_advance(self) -> list[str]:
        """M900, where the profile says a figure."""
        return [f"M900 K{self.profile.pressure_advance_s:g}"] if self.profile.pressure_advance_s else []

    def define_copies(self, header: ProgramHeader) -> list[str]:
        """M486 T: how many copies there are, so that one can be cancelled."""
        return [f"M486 T{len(header.placement)}"]

    def begin_copy(self, copy: int) -> list[str]:
        """M486 S: this copy from here on."""
        return [f"M486 S{copy}"]

    def end_copy(self, copy: int) -> list[str]:  # noqa: ARG002  # Marlin ends whichever copy is open
        """M486 S-1: none."""
        return ["M486 S-1"]
