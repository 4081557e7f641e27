"""The controller: takes a program line by line, and what each asks of motion and heaters.

The words are those that slicers write for FDM machines with Marlin or Klipper. A word it does not know is counted, and
too many of them end the program: that program was written for another machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from hub.simulator import dialects
from hub.simulator.extruder import Extruder
from hub.simulator.faults import ProgramFault
from hub.simulator.kinematics import Planner
from hub.simulator.macros import KlipperMacros
from hub.simulator.motion import Motion, finite
from hub.simulator.settings import Model
from hub.simulator.words import numbers, untangle

_DIFFERENT_UNKNOWN_KEPT = 50

Handler = Callable[[list[str]], bool | None]


class Effects(Protocol):
    """What a line does beside motion, each at its time. All answer how many seconds of machine time it takes."""

    def heat(self, heater: str, target_c: float) -> float: ...
    def wait(self, heater: str, *, cooling_too: bool) -> float: ...


class Interpreter:
    """One program's run through a controller. `unknown` counts the words that it did not know."""

    def __init__(self, model: Model, planner: Planner, effects: Effects, *, unknown_limit: int) -> None:
        self.motion = Motion(model, planner, Extruder())
        self.unknown: Counter[str] = Counter()
        self.has_types = False
        self._model = model
        self._planner = planner
        self._effects = effects
        self._unknown_limit = unknown_limit
        self._ignored = dialects.IGNORED[model.dialect]
        self._handlers: dict[str, Handler] = self._common() | dict.fromkeys(
            dialects.LEVELLING[model.dialect], self.level
        )
        self._handlers |= (
            KlipperMacros(self, model, planner).handlers() if model.dialect == "klipper" else self._marlin()
        )

    def take(self, line: str, offset: int) -> bool:
        """Take one line that stands at byte `offset`; answers whether motion has to come to rest after it.

        Raises ProgramFault where the machine cannot go on.
        """
        code, _, remark = line.partition(";")
        if remark.startswith("TYPE:"):
            self._note_type(remark[5:])
        words = code.split()
        if not words:
            return False
        handler = self._handlers.get(words[0])
        if (handler is None and words[0] not in self._ignored) or "(" in code or "*" in code:
            words = untangle(code)
            handler = self._handlers.get(words[0]) if words else None
        self.motion.offset = offset
        if handler is not None:
            return bool(handler(words[1:]))
        if words and words[0] not in self._ignored:
            self._meet_unknown(words[0])
        return False

    def _note_type(self, name: str) -> None:
        self.has_types = True
        kind = name.strip().lower().replace(" ", "-").replace("_", "-")
        self.motion.is_part = kind not in dialects.NOT_PART

    def _meet_unknown(self, word: str) -> None:
        if word in dialects.WAITS_FOR_A_PERSON:
            raise ProgramFault("needs-hands", f"{word} waits for a person")
        if word == "M112":
            raise ProgramFault("emergency-stop", "M112")
        if len(self.unknown) < _DIFFERENT_UNKNOWN_KEPT or word in self.unknown:
            self.unknown[word[:40]] += 1
        if self.unknown.total() > self._unknown_limit:
            raise ProgramFault(
                "unknown-words", f"more than {self._unknown_limit} unknown words, the last {word[:40]!r}"
            )

    def _common(self) -> dict[str, Handler]:
        motion = self.motion
        return {
            "G0": motion.straight,
            "G1": motion.straight,
            "G2": lambda args: motion.arc(args, clockwise=True),
            "G3": lambda args: motion.arc(args, clockwise=False),
            "G4": self._dwell,
            "G10": lambda _: motion.turn(motion.extruder.firmware_retraction(back=True)),
            "G11": lambda _: motion.turn(motion.extruder.firmware_retraction(back=False)),
            "G20": lambda _: setattr(motion, "unit_mm", 25.4),
            "G21": lambda _: setattr(motion, "unit_mm", 1.0),
            "G28": self.home,
            "G90": lambda _: self._relative(all_axes=False),
            "G91": lambda _: self._relative(all_axes=True),
            "G92": motion.rename,
            "M82": lambda _: setattr(motion.extruder, "relative", False),
            "M83": lambda _: setattr(motion.extruder, "relative", True),
            "M104": lambda args: self._heat("nozzle", args, wait=False),
            "M109": lambda args: self._heat("nozzle", args, wait=True),
            "M140": lambda args: self._heat("bed", args, wait=False),
            "M190": lambda args: self._heat("bed", args, wait=True),
            "M204": self._acceleration,
            "M220": lambda args: self._factor(args, "feed"),
            "M221": lambda args: self._factor(args, "flow"),
            "M400": lambda _: True,
        }

    def _marlin(self) -> dict[str, Handler]:
        return {
            "M201": lambda args: self.motion.accelerate(
                printing=numbers(args).get("X"), travelling=numbers(args).get("X")
            ),
            "M203": self.motion.limit_feed,
            "M207": self._retraction,
        }

    def _relative(self, *, all_axes: bool) -> None:
        """G90 and G91; in Marlin they concern the extruder as well."""
        self.motion.relative = all_axes
        if self._model.dialect == "marlin":
            self.motion.extruder.relative = all_axes

    def home(self, args: list[str]) -> bool:
        """Home the axes named, or all."""
        self.motion.home("".join(each[0].upper() for each in args))
        self._planner.put_action(lambda: self._model.homing_s)
        return True

    def level(self, _: list[str]) -> bool:
        """Probe the bed. Raises ProgramFault before homing."""
        if not self.motion.homed:
            raise ProgramFault("not-homed", "levelling before homing")
        self._planner.put_action(lambda: self._model.levelling_s)
        return True

    def _dwell(self, args: list[str]) -> bool:
        words = numbers(args)
        seconds = finite(words.get("S", 0.0) + words.get("P", 0.0) / 1000.0, "dwell")
        self._planner.put_action(lambda: max(0.0, seconds))
        return True

    def _heat(self, heater: str, args: list[str], *, wait: bool) -> bool:
        words = numbers(args)
        cooling_too = "R" in words
        return self.aim(heater, words.get("S", words.get("R")), wait=wait, cooling_too=cooling_too)

    def aim(self, heater: str, target_c: float | None, *, wait: bool, cooling_too: bool = False) -> bool:
        """Give a heater a target, and wait for it where wanted. Raises ProgramFault beyond its limit."""
        if target_c is not None:
            goal_c = finite(target_c, "temperature")
            most_c = self._model.max_nozzle_c if heater == "nozzle" else self._model.max_bed_c
            if not 0 <= goal_c <= most_c:
                raise ProgramFault("temperature-limit", f"{heater} at {goal_c:g} °C; {most_c:g} is the most")
            self._planner.put_action(lambda: self._effects.heat(heater, goal_c))
        if wait:
            self._planner.put_action(lambda: self._effects.wait(heater, cooling_too=cooling_too))
        return wait

    def _acceleration(self, args: list[str]) -> None:
        words = numbers(args)
        both = words.get("S")
        self.motion.accelerate(printing=words.get("P", both), travelling=words.get("T", both))

    def _factor(self, args: list[str], what: str) -> None:
        percent = finite(numbers(args).get("S", 0.0), "factor")
        if percent <= 0:
            return
        if what == "feed":
            self.motion.feed_factor = percent / 100.0
        else:
            self.motion.extruder.flow = percent / 100.0

    def _retraction(self, args: list[str]) -> None:
        length_mm = numbers(args).get("S")
        if length_mm is not None:
            self.motion.extruder.retract_mm = max(0.0, finite(length_mm, "retraction"))
