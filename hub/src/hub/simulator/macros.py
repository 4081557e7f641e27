"""Klipper's extended commands, and the macros that its users commonly give to slicers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hub.simulator import dialects
from hub.simulator.faults import ProgramFault
from hub.simulator.kinematics import Planner
from hub.simulator.motion import Motion, finite
from hub.simulator.settings import Model
from hub.simulator.words import assignments

_HEATERS = {"extruder": "nozzle", "heater_bed": "bed"}


class Controller(Protocol):
    """What macros are made of."""

    motion: Motion

    def home(self, args: list[str]) -> bool: ...
    def level(self, args: list[str], /) -> bool: ...
    def aim(self, heater: str, target_c: float | None, *, wait: bool, cooling_too: bool = False) -> bool: ...


class KlipperMacros:
    """The handlers of words that are no G-code."""

    def __init__(self, controller: Controller, model: Model, planner: Planner) -> None:
        self._controller = controller
        self._model = model
        self._planner = planner

    def handlers(self) -> dict[str, Callable[[list[str]], bool | None]]:
        """A handler for each word."""
        macros: dict[str, Callable[[list[str]], bool | None]] = {
            "SET_VELOCITY_LIMIT": self._velocity_limit,
            "SET_HEATER_TEMPERATURE": self._heater,
            "TEMPERATURE_WAIT": self._wait,
            "TURN_OFF_HEATERS": self._heaters_off,
            "SET_RETRACTION": self._retraction,
        }
        macros |= dict.fromkeys(dialects.START_MACROS, self._start)
        return macros | dict.fromkeys(dialects.END_MACROS, self._heaters_off)

    def _retraction(self, args: list[str]) -> None:
        length_mm = _value(args, "RETRACT_LENGTH")
        if length_mm is not None:
            self._controller.motion.extruder.retract_mm = max(0.0, length_mm)

    def _velocity_limit(self, args: list[str]) -> None:
        acceleration = _value(args, "ACCEL")
        self._controller.motion.accelerate(printing=acceleration, travelling=acceleration)
        velocity = _value(args, "VELOCITY")
        if velocity and velocity > 0:
            x, y, _ = self._model.max_feed_mm_per_s
            self._controller.motion.max_feed[:2] = [min(velocity, x), min(velocity, y)]
        corner = _value(args, "SQUARE_CORNER_VELOCITY")
        if corner and corner > 0:
            self._planner.square_corner_mm_per_s = min(corner, self._model.square_corner_mm_per_s)

    def _heater(self, args: list[str]) -> bool:
        name = assignments(args).get("HEATER", "").lower()
        heater = _HEATERS.get(name)
        return self._controller.aim(heater, _value(args, "TARGET") or 0.0, wait=False) if heater else False

    def _wait(self, args: list[str]) -> bool:
        name = assignments(args).get("SENSOR", "").lower()
        heater = _HEATERS.get(name)
        return self._controller.aim(heater, None, wait=True) if heater else False

    def _heaters_off(self, _: list[str]) -> bool:
        self._controller.aim("nozzle", 0.0, wait=False)
        return self._controller.aim("bed", 0.0, wait=False)

    def _start(self, args: list[str]) -> bool:
        """What such a macro means everywhere: heat the bed, home, level, heat the nozzle."""
        given = assignments(args)
        bed = next((name for name in dialects.BED_NAMES if name in given), None)
        nozzle = next((name for name in dialects.EXTRUDER_NAMES if name in given), None)
        if bed:
            self._controller.aim("bed", _value(args, bed), wait=True)
        self._controller.home([])
        self._controller.level([])
        if nozzle:
            self._controller.aim("nozzle", _value(args, nozzle), wait=True)
        return True


def _value(args: list[str], name: str) -> float | None:
    text = assignments(args).get(name)
    if text is None:
        return None
    try:
        return finite(float(text), name)
    except ValueError as error:
        raise ProgramFault("malformed-line", f"{name}={text}") from error
