"""A heater as a first-order lag: full on, it tends to `top_c` with time constant `tau_s`; off, to the room.

T(t) = T∞ + (T0 − T∞)·exp(−t/τ), and the time to reach T is τ·ln((T∞ − T0)/(T∞ − T)) (lumped heat capacity, Incropera,
"Fundamentals of Heat and Mass Transfer", section 5.1).
"""

from __future__ import annotations

import math

ROOM_C = 22.0
WINDOW_C = 1.0


class Heater:
    """One heater on the machine's own clock (seconds)."""

    def __init__(self, top_c: float, tau_s: float) -> None:
        self._top_c = top_c
        self._tau_s = tau_s
        self._from_s = 0.0
        self._from_c = ROOM_C
        self.target_c = 0.0

    def at(self, now_s: float) -> float:
        """Its temperature (°C) at `now_s`, not before its last change."""
        goal_c = max(self.target_c, ROOM_C)
        heating = self._from_c < goal_c
        limit_c = self._top_c if heating else ROOM_C
        value_c = limit_c + (self._from_c - limit_c) * math.exp((self._from_s - now_s) / self._tau_s)
        return min(value_c, goal_c) if heating else max(value_c, goal_c)

    def aim(self, now_s: float, target_c: float) -> None:
        """Set another target; 0 switches it off."""
        self._from_c, self._from_s, self.target_c = self.at(now_s), now_s, target_c

    def wait_s(self, now_s: float, *, cooling_too: bool) -> float:
        """How long until it is within a degree of its target."""
        now_c = self.at(now_s)
        if now_c < self.target_c - WINDOW_C:
            return self._tau_s * math.log((self._top_c - now_c) / (self._top_c - self.target_c + WINDOW_C))
        goal_c = max(self.target_c, ROOM_C) + WINDOW_C
        if cooling_too and now_c > goal_c:
            return self._tau_s * math.log((now_c - ROOM_C) / (goal_c - ROOM_C))
        return 0.0


def nozzle_heater(max_c: float) -> Heater:
    """A 40 W hotend: about 70 s to 240 °C."""
    return Heater(max_c + 150.0, 100.0)


def bed_heater(max_c: float) -> Heater:
    """A mains or 24 V bed: about 3 minutes to 85 °C."""
    return Heater(max_c + 30.0, 260.0)
