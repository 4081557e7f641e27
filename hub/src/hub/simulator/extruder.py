"""What the extruder does with filament: absolute or relative words, retraction, and what of it leaves the nozzle."""

from __future__ import annotations


class Extruder:
    """Filament in mm. Filament drawn back is a debt: it is paid before anything leaves the nozzle again."""

    def __init__(self) -> None:
        self.relative = False
        self.position_mm = 0.0
        self.flow = 1.0
        self.retract_mm = 0.8
        self._debt_mm = 0.0
        self._retracted = False

    def turn_to(self, word_mm: float) -> float:
        """How far an E word turns it; negative draws back."""
        turn_mm = word_mm if self.relative else word_mm - self.position_mm
        self.position_mm = self.position_mm + turn_mm if self.relative else word_mm
        return turn_mm * self.flow

    def deposit(self, turn_mm: float) -> float:
        """What of a turn leaves the nozzle."""
        if turn_mm <= 0.0:
            self._debt_mm -= turn_mm
            return 0.0
        paid_mm = min(self._debt_mm, turn_mm)
        self._debt_mm -= paid_mm
        return turn_mm - paid_mm

    def firmware_retraction(self, *, back: bool) -> float:
        """G10 and G11: the turn of one; a second G10 in a row turns nothing."""
        if back == self._retracted:
            return 0.0
        self._retracted = back
        return -self.retract_mm if back else self.retract_mm
