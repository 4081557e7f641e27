"""What the worker and its template process say to each other: one JSON object a line.

The worker sends `RunJob` and `KillJob`; the template answers `Ready` once and `JobEnded` for every job. What a job
found stands in `outcome.json` in its folder: its value, or why the design is refused, or how it crashed. Nothing that
a confined child wrote is ever unpickled or run.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from fabrication.cad.isolation.limits import JobLimits
from fabrication.domain.errors import CadRefused
from fabrication.domain.findings import Finding

OUTCOME = "outcome.json"


@dataclass(frozen=True, slots=True)
class RunJob:
    """Fork a child for one job.

    `outputs` are opened before the child is confined; a job that runs somebody's script can write to nothing else
    (`trusted` false). `readable` are further files and folders it may read.
    """

    id: int
    kind: str
    folder: str
    arguments: dict[str, Any]
    limits: JobLimits
    trusted: bool
    outputs: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    python_path: tuple[str, ...] = ()
    say: Literal["run"] = "run"


@dataclass(frozen=True, slots=True)
class KillJob:
    """End that job's child at once, if it still runs."""

    id: int
    say: Literal["kill"] = "kill"


@dataclass(frozen=True, slots=True)
class Ready:
    """The template has imported everything and has one thread."""

    pid: int
    versions: dict[str, str]
    say: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class JobEnded:
    """How a child ended: its exit code, or minus the signal that ended it."""

    id: int
    exit_code: int
    cpu_s: float
    peak_memory_bytes: int
    say: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The design is at fault."""

    code: str
    message: str
    findings: tuple[Finding, ...] = ()

    def as_error(self) -> CadRefused:
        """The refusal as the exception that callers see."""
        return CadRefused(self.code, self.message, self.findings)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one job came to: exactly one of the three is set (`value` for a success)."""

    value: Any = None
    refused: Refusal | None = None
    crashed: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
