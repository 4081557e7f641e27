"""The seam between the agent and a machine: whatever controls a machine is reached through a MachineDriver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub.config import MachineEntry, parse_address

Key = tuple[str, int]
"""A job order's id and its fencing token."""


@dataclass(frozen=True, slots=True)
class MachineState:
    """What a machine shows: `state` is idle, running, bed-occupied, fault or offline; `key` is what it is making."""

    state: str
    key: Key | None = None
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a start: running, completed, failed, cancelled, lost; or barred: it never was nor will be."""

    state: str
    reason: str = ""
    detail: str = ""
    sha256: str = ""
    used_g: float = 0.0
    machine_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a machine needs to begin: a program that was uploaded, what is on its spool, how many copies it makes."""

    key: Key
    sha256: str
    material_id: str
    copies: int


@dataclass(frozen=True, slots=True)
class ToMeasure:
    """A characteristic and how it is measured; `at` in model coordinates (mm) for a bore."""

    name: str
    feature: str
    at: tuple[float, float, float]
    instrument: str
    unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A value found on one copy (counted from 0)."""

    copy: int
    characteristic: str
    value: float
    instrument: str


class MachineDriver(Protocol):
    """One machine. All methods raise MachineOffline when it does not answer and MachineRefused when it says no."""

    async def status(self) -> MachineState:
        """What it shows now."""
        ...

    async def upload(self, program: Path, sha256: str) -> None:
        """Give it a program; it starts nothing."""
        ...

    async def start(self, request: StartRequest) -> None:
        """Start. On MachineOffline nobody knows whether it did: ask `settle`."""
        ...

    async def settle(self, key: Key) -> Outcome:
        """What became of a start; from then on one that never was can never be."""
        ...

    async def cancel(self, key: Key) -> Outcome:
        """Stop this job if it is under way, no other."""
        ...

    async def clear_bed(self) -> None:
        """Say that a technician has cleared the bed."""
        ...

    async def measure(
        self, key: Key, placements: Sequence[Sequence[float]], characteristics: Sequence[ToMeasure]
    ) -> list[Reading]:
        """Measure the copies of a completed job, each by its placement; a machine that cannot answers nothing."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


def driver_for(entry: MachineEntry) -> MachineDriver:
    """The driver that a machine's configuration names."""
    from hub.drivers.virtual import VirtualDriver  # each driver's imports only where it is used

    return {"virtual": VirtualDriver}[entry.driver](*parse_address(entry.address, entry.name))
