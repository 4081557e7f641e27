"""One program's run on the machine's own clock.

The text is read as it is needed: what has not been reached yet is not known, as on a real machine.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from hub.simulator.deposit import Deposit
from hub.simulator.faults import ProgramFault
from hub.simulator.heaters import bed_heater, nozzle_heater
from hub.simulator.interpreter import Interpreter
from hub.simulator.kinematics import Move, Planner
from hub.simulator.settings import Model, Truth

COLDEST_EXTRUSION_C = 170.0  # Marlin's EXTRUDE_MINTEMP and Klipper's min_extrude_temp
_LONGEST_LINE = 4096

Action = Callable[[], float]


class Execution:
    """A program under way. `advance` it; it is over when `done`, and failed when `fault` says why."""

    def __init__(self, program: Path, model: Model, truth: Truth, *, unknown_limit: int) -> None:
        self.model = model
        self.clock_s = 0.0
        self.done = False
        self.fault: ProgramFault | None = None
        self.jammed = False
        self.fail_at: float | None = None
        self.deposit = Deposit(model.nozzle_mm)
        self._truth = truth
        self._heaters = {"nozzle": nozzle_heater(model.max_nozzle_c), "bed": bed_heater(model.max_bed_c)}
        self._planner = Planner(model.square_corner_mm_per_s)
        self._interpreter = Interpreter(model, self._planner, self, unknown_limit=unknown_limit)
        self._ready: deque[Move | Action] = deque()
        self._bytes = max(1, program.stat().st_size)
        self._file = program.open("rb")
        self._read = 0
        self._reached = 0
        self._ended = False
        self._area_mm2 = math.pi * model.filament_mm**2 / 4.0

    @property
    def fraction(self) -> float:
        """How much of the program's text is done, 0 to 1."""
        return 1.0 if self.done and self.fault is None else min(1.0, self._reached / self._bytes)

    @property
    def unknown_words(self) -> dict[str, int]:
        """Words that the controller did not know, and how often they came."""
        return dict(self._interpreter.unknown)

    @property
    def has_types(self) -> bool:
        """Whether the program says what each bead is."""
        return self._interpreter.has_types

    def advance(self, until_s: float, *, cpu_s: float = math.inf) -> None:
        """Go on until the machine's clock reads `until_s`, or about `cpu_s` of computing are spent."""
        deadline = time.perf_counter() + cpu_s
        rounds = 0
        try:
            while self.clock_s < until_s and not self.done:
                if self._ready:
                    self._perform(self._ready.popleft())
                elif self._ended:
                    self.done = True
                else:
                    self._read_on()
                rounds += 1
                if not rounds & 63 and time.perf_counter() > deadline:
                    break
        except ProgramFault as fault:
            self.fault = fault
            self.done = True
        if self.done:
            self._file.close()

    def stop(self) -> None:
        """End it where it is."""
        self.done = True
        self._file.close()

    def heat(self, heater: str, target_c: float) -> float:
        """Give a heater its target now."""
        self._heaters[heater].aim(self.clock_s, target_c)
        return 0.0

    def wait(self, heater: str, *, cooling_too: bool) -> float:
        """How long it takes until a heater is at its target."""
        return self._heaters[heater].wait_s(self.clock_s, cooling_too=cooling_too)

    def temperatures_c(self) -> dict[str, float]:
        """What the sensors read now."""
        return {name: round(heater.at(self.clock_s), 1) for name, heater in self._heaters.items()}

    def _read_on(self) -> None:
        """Read until some motion is planned for good, or the text ends, or the machine refuses a line."""
        planner, take = self._planner, self._interpreter.take
        try:
            while not self._ready:
                line = self._file.readline(_LONGEST_LINE)
                if not line:
                    self._ended = True
                    break
                offset = self._read
                self._read = offset + len(line)
                if take(line.decode("utf-8", "replace"), offset):
                    self._ready.extend(planner.drain(stop=True))
                elif planner.full:
                    self._ready.extend(planner.drain(stop=False))
        except ProgramFault as fault:
            self._ended = True
            planner.put_action(_raising(fault))
        if self._ended:
            self._ready.extend(planner.drain(stop=True))

    def _perform(self, item: Move | Action) -> None:
        if not isinstance(item, Move):
            self.clock_s += item()
            return
        self._reached = item.offset
        if self.fail_at is not None and self._reached >= self.fail_at * self._bytes:
            raise ProgramFault("machine-fault", f"the machine stopped at {100 * self.fraction:.0f} % of the program")
        if item.filament_mm > 0.0:
            self._extrude(item)
        self.clock_s += item.duration_s

    def _extrude(self, move: Move) -> None:
        if self._heaters["nozzle"].at(self.clock_s) < COLDEST_EXTRUSION_C:
            temperature_c = self._heaters["nozzle"].at(self.clock_s)
            raise ProgramFault("cold-extrusion", f"extruding with the nozzle at {temperature_c:.0f} °C")
        if self.jammed:
            return
        volume = move.filament_mm * self._area_mm2 * self._truth.flow
        most = self.model.melt_limit_mm3_per_s * move.duration_s
        volume = min(volume, most)
        sx, sy, sz = self._truth.scale
        self.deposit.lay(
            move.x0 * sx,
            move.y0 * sy,
            move.x1 * sx,
            move.y1 * sy,
            max(move.z0, move.z1) * sz,
            volume,
            is_part=move.is_part,
        )


def _raising(fault: ProgramFault) -> Action:
    def act() -> float:
        raise fault

    return act
