"""What runs now, written down for `status`, `down` and the next `up`."""

import signal
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from launcher.files import read_json, write_json
from launcher.parts import Part
from launcher.processes import ProcessIdentity


@dataclass
class PartState:
    """One part as the supervisor last saw it. `process` is none between two starts.

    `ready_at` is the address that tells whether it can work, `dark` the file that keeps it from being started.
    """

    name: str
    port: int | None = None
    ready_at: str | None = None
    stop_signal: str = signal.SIGTERM.name
    stop_s: float = 30.0
    dark: str | None = None
    ready: bool = False
    restarts: int = 0
    process: ProcessIdentity | None = None

    @classmethod
    def of(cls, part: Part) -> "PartState":
        """A part that was not started yet."""
        dark = str(part.dark) if part.dark else None
        return cls(part.name, part.port, part.ready, part.stop_signal.name, part.stop_s, dark)

    @classmethod
    def read(cls, value: dict[str, Any]) -> "PartState":
        """A part as it stands in the file."""
        process = value.pop("process")
        return cls(**value, process=ProcessIdentity(**process) if process else None)


@dataclass
class InstanceState:
    """The supervisor, its parts in the order of their start, and how far it has come (`phase`)."""

    supervisor: ProcessIdentity | None = None
    phase: str = ""
    ready: bool = False
    parts: dict[str, PartState] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "InstanceState":
        """The state that was written last; an empty one where nothing was."""
        value = read_json(path)
        if not value:
            return cls()
        supervisor = ProcessIdentity(**value["supervisor"]) if value["supervisor"] else None
        parts = [PartState.read(part) for part in value["parts"]]
        return cls(supervisor, value["phase"], value["ready"], {part.name: part for part in parts})

    def save(self, path: Path) -> None:
        value = asdict(self) | {"parts": [asdict(part) for part in self.parts.values()]}
        write_json(path, value)

    @property
    def running(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return self.supervisor is not None and self.supervisor.running


def end_leftovers(parts: Iterable[PartState]) -> list[str]:
    """Ends what a supervisor that is gone has left running, last started first; returns the names."""
    ended = []
    for part in reversed(list(parts)):
        if part.process is not None and part.process.running:
            part.process.end(signal.Signals[part.stop_signal], part.stop_s)
            ended.append(part.name)
    return ended
