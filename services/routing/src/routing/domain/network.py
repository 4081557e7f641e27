"""The network as allocation sees it at one moment."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from routing.domain.geography import Place
from routing.domain.opening_hours import OpeningHours
from routing.domain.requirements import Size


class Presence(enum.StrEnum):
    """Whether a hub is heard: `registered` until its agent speaks for the first time."""

    REGISTERED = "registered"
    ONLINE = "online"
    LOST = "lost"


class MachineState(enum.StrEnum):
    """What an agent says of a machine; `unknown` before it says anything, or when it says what nobody knows."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    RUNNING = "running"
    BED_OCCUPIED = "bed-occupied"
    FAULT = "fault"
    OFFLINE = "offline"

    @classmethod
    def of(cls, text: str) -> MachineState:
        """The state that a hub names."""
        return cls(text) if text in set(cls) else cls.UNKNOWN

    @property
    def takes_work(self) -> bool:
        """Whether a new job order may be queued there."""
        return self in (MachineState.IDLE, MachineState.RUNNING, MachineState.BED_OCCUPIED)


@dataclass(slots=True)
class HubView:
    """A hub. `free_g` is its stock by material, less what job orders on their way have reserved."""

    id: str
    name: str
    place: Place
    hours: OpeningHours
    enrolled: bool
    presence: Presence
    cordoned: bool
    last_heard_at: datetime | None
    free_g: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class MachineView:
    """A machine, with the job orders that stand before a new one: how many, and their minutes."""

    id: str
    name: str
    hub: HubView
    profile_id: str
    state: MachineState
    heard_at: datetime | None
    ahead: int = 0
    backlog_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """All machines, by id, and the work volume of each profile that is known."""

    machines: tuple[MachineView, ...]
    volumes: Mapping[str, Size]

    def reserve(self, machine: MachineView, material_id: str, minutes: float, grams: float) -> None:
        """Account for a job order that was just allocated, so that the next decision sees it."""
        machine.ahead += 1
        machine.backlog_minutes += minutes
        free = machine.hub.free_g
        free[material_id] = free.get(material_id, 0.0) - grams
