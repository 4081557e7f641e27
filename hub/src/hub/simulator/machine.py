"""The virtual machine: one job at a time, a bed that has to be cleared, and faults on order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.simulator.execution import Execution
from hub.simulator.faults import BadRequest, OrderedFault
from hub.simulator.measuring import Feature, Gauges
from hub.simulator.parts_store import PartsStore, ProgramStore
from hub.simulator.placement import Placement
from hub.simulator.separating import parts_of
from hub.simulator.settings import DEFAULT_DENSITY_G_PER_CM3, VirtualMachineConfig
from hub.simulator.start_journal import Key, Run, StartJournal

log = logging.getLogger(__name__)

_TICK_S = 0.05
_IDLE_TICK_S = 0.1
_CPU_PER_TICK_S = 0.03


class VirtualMachine:
    """A machine on a data folder. `run` lets its time pass; the other methods are its buttons and its sensors."""

    def __init__(self, config: VirtualMachineConfig, folder: Path) -> None:
        self.config = config
        self.journal = StartJournal(folder / "starts.jsonl")
        self.programs = ProgramStore(folder / "programs")
        self.parts = PartsStore(folder / "parts")
        self.broken = False
        self.frozen_until = 0.0
        self.absent_until = 0.0
        self._execution: Execution | None = None
        self._run: Run | None = None
        self._jammed = False
        self._fail_at: float | None = None
        self._drift_mm = 0.0
        self._due_s = 0.0

    @property
    def state(self) -> str:
        """One of idle, running, bed-occupied, fault."""
        if self._execution is not None:
            return "running"
        if self.broken:
            return "fault"
        return "bed-occupied" if self.journal.bed_occupied else "idle"

    def status(self) -> dict[str, Any]:
        """What its display shows."""
        answer: dict[str, Any] = {"machine": self.config.id, "model": self.config.model.id, "state": self.state}
        if self._execution is not None and self._run is not None:
            answer |= {
                "job_order": self._run.job_order,
                "token": self._run.token,
                "fraction": round(self._execution.fraction, 4),
                "machine_minutes": round(self._execution.clock_s / 60.0, 2),
                "temperatures_c": self._execution.temperatures_c(),
                "unknown_words": self._execution.unknown_words,
            }
        return answer

    def start(self, key: Key, *, sha256: str, material_id: str, copies: int) -> None:
        """Start a program that was uploaded; no key is ever started twice. Raises BadRequest."""
        if key in self.journal.runs:
            raise BadRequest("already-started", f"job order {key[0]} token {key[1]} was here: no second start")
        if self.state != "idle":
            raise BadRequest("not-idle", f"the machine is {self.state}")
        program = self.programs.path(sha256)
        density = self.config.densities_g_per_cm3.get(material_id, DEFAULT_DENSITY_G_PER_CM3)
        self._run = self.journal.start(
            key, sha256=sha256, copies=copies, density_g_per_cm3=density, drift_mm=self._drift_mm
        )
        self._due_s = 0.0
        self._execution = Execution(
            program, self.config.model, self.config.truth, unknown_limit=self.config.unknown_words_limit
        )
        self._execution.jammed = self._jammed
        self._execution.fail_at, self._fail_at = self._fail_at, None
        log.info("started %s token %d", *key)

    def cancel(self, key: Key) -> None:
        """Stop this job, if it is the one under way."""
        if self._run is not None and self._run.key == key and self._execution is not None:
            self._execution.stop()
            self._finish("cancelled", "cancelled", "stopped on request")

    def outcome(self, key: Key) -> dict[str, Any]:
        """What became of a start. Raises BadRequest for one that never was."""
        run = self.journal.runs.get(key)
        if run is None:
            raise BadRequest("unknown-job", "no such start")
        return _outcome(run)

    def settle(self, key: Key) -> dict[str, Any]:
        """What became of a start; one that never was is barred for good."""
        return _outcome(self.journal.runs.get(key) or self.journal.bar(key))

    def clear(self) -> None:
        """A technician takes the parts off. Raises BadRequest while it runs."""
        if self._execution is not None:
            raise BadRequest("not-idle", "the machine is running")
        if self.journal.bed_occupied:
            self.journal.clear()

    def order_fault(self, fault: OrderedFault) -> None:
        """Make a fault happen, or end them all."""
        now = asyncio.get_running_loop().time()
        if fault.kind == "fail":
            target = self._execution
            if target is not None:
                target.fail_at = fault.fraction
            else:
                self._fail_at = fault.fraction
        elif fault.kind == "jam":
            self._set_jam(jammed=True)
        elif fault.kind == "drift":
            self._drift_mm += fault.mm
        elif fault.kind == "offline":
            self.absent_until = now + fault.seconds
        elif fault.kind == "hang":
            self.frozen_until = now + fault.seconds
        elif fault.kind == "broken":
            self.broken = True
        else:
            self._repair()

    def measure(
        self, key: Key, placements: Sequence[Placement], features: Sequence[Feature], *, reading: int = 1
    ) -> list[dict[str, Any]]:
        """Measure every copy of a completed job. Raises BadRequest."""
        run = self.journal.runs.get(key)
        if run is None or run.outcome != "completed":
            raise BadRequest("no-parts", "no completed job of that name")
        parts = parts_of(self.parts.get(key), placements, has_types=run.has_types)
        gauges = Gauges(
            self.config.truth,
            seed=self.config.seed,
            job=f"{key[0]}/{key[1]}",
            density_g_per_cm3=run.density_g_per_cm3,
            reading=reading,
            drift_mm=run.drift_mm,
        )
        return [
            {"part": number, "characteristic": feature.name, "value": value, "instrument": feature.gauge}
            for number, (beads, placement) in enumerate(zip(parts, placements, strict=True))
            for feature in features
            if (value := gauges.read(feature, beads, placement, part=number, since_service=run.since_service + number))
            is not None
        ]

    async def run(self) -> None:
        """Let time pass until cancelled."""
        loop = asyncio.get_running_loop()
        before = loop.time()
        idle_since = before
        while True:
            await asyncio.sleep(_IDLE_TICK_S if self._execution is None else _TICK_S)
            now = loop.time()
            passed, before = now - before, now
            if now < self.frozen_until:
                idle_since = now
            elif self._execution is not None:
                idle_since = now
                self._go_on(self._execution, passed)
            elif self.journal.bed_occupied and 0 <= self.config.clear_s <= now - idle_since:
                self.clear()

    def close(self) -> None:
        """Close its files; what runs is lost, as with a real machine that is switched off."""
        self.journal.close()

    def _go_on(self, execution: Execution, passed_s: float) -> None:
        self._due_s += passed_s * self.config.speed_up
        execution.advance(self._due_s, cpu_s=_CPU_PER_TICK_S)
        if not execution.done or self._due_s < execution.clock_s:
            return
        if execution.fault is None:
            self._finish("completed", "", "")
        else:
            self._finish("failed", execution.fault.code, execution.fault.detail)

    def _finish(self, outcome: str, reason: str, detail: str) -> None:
        run, execution = self._run, self._execution
        if run is None or execution is None:
            return
        if outcome == "completed":
            self.parts.keep(run.key, execution.deposit.beads)
        self.journal.end(
            run.key,
            outcome=outcome,
            reason=reason,
            detail=detail,
            used_g=round(execution.deposit.volume_mm3 * run.density_g_per_cm3 / 1000.0, 3),
            minutes=round(execution.clock_s / 60.0, 3),
            has_types=execution.has_types,
        )
        log.info("%s %s token %d %s %s", outcome, run.job_order, run.token, reason, detail)
        self._run = self._execution = None

    def _set_jam(self, *, jammed: bool) -> None:
        self._jammed = jammed
        if self._execution is not None:
            self._execution.jammed = jammed

    def _repair(self) -> None:
        self.broken = False
        self._fail_at = None
        self._drift_mm = 0.0
        self.absent_until = self.frozen_until = 0.0
        self._set_jam(jammed=False)
        self.journal.service()


def _outcome(run: Run) -> dict[str, Any]:
    return {
        "job_order": run.job_order,
        "token": run.token,
        "outcome": run.outcome,
        "reason": run.reason,
        "detail": run.detail,
        "sha256": run.sha256,
        "used_g": run.used_g,
        "machine_minutes": run.minutes,
    }
