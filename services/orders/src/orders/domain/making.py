"""The making of an order's parts: what fabrication found out, job orders, and how many parts go into one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from orders.domain.order import Reason

MAX_REMAKES = 3
"""How often parts that failed inspection are made again before the order fails."""
MAX_PROGRAM_REFUSALS = 2
"""How many machine profiles may turn out not to work for one order before it fails."""
_MAX_REASONS = 20


@dataclass(frozen=True, slots=True)
class ProfileFit:
    """Whether one machine profile can make the configuration, and how many parts at once."""

    profile_id: str
    makeable: bool
    plate_capacity: int = 1
    findings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What fabrication found about a configuration. Extents in mm."""

    id: str
    extent_mm: tuple[float, float, float]
    profiles: tuple[ProfileFit, ...]

    def capacities(self, excluded: Collection[str] = ()) -> list[int]:
        """How many parts fit on a plate, over the profiles that can make them: different numbers, largest first."""
        usable = (fit for fit in self.profiles if fit.makeable and fit.profile_id not in excluded)
        return sorted({max(1, fit.plate_capacity) for fit in usable}, reverse=True)

    def objections(self) -> tuple[Reason, ...]:
        """Why no profile can make it."""
        found = [
            Reason(finding.code, f"{fit.profile_id}: {finding.detail}")
            for fit in self.profiles
            for finding in fit.findings
        ]
        if not found:
            found = [Reason("no-machine-profile", "no machine profile of the network can make this part")]
        return tuple(dict.fromkeys(found))[:_MAX_REASONS]


def batch_size(open_parts: int, capacities: Sequence[int], limit: int = 0) -> int:
    """How many parts the next job order makes: as many as fit on one plate; `limit` > 0: no more than that."""
    return min(open_parts, capacities[0], *((limit,) if limit else ()))


def smaller_batch(capacities: Sequence[int], refused: int) -> int:
    """How many parts to ask for when nobody can make `refused` at once; 0 where no smaller plate is left."""
    return next((capacity for capacity in capacities if capacity < refused), 0)


@dataclass(frozen=True, slots=True)
class Program:
    """A verified program. Each placement is a row-major 4x4 matrix from model to machine coordinates, mm."""

    id: str
    sha256: str
    size_bytes: int
    minutes: float
    grams: float
    placements: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """One value found on one part."""

    part_id: str
    characteristic: str
    value: float
    unit: str
    instrument: str


@dataclass(frozen=True, slots=True)
class JobOrder:
    """One job order of an order: its parts, the machine that holds it, and what came of it."""

    id: str
    order_id: str
    part_ids: tuple[str, ...]
    state: str = "waiting"
    hub_id: str | None = None
    hub_name: str | None = None
    machine_id: str | None = None
    profile_id: str | None = None
    fencing_token: int | None = None
    program: Program | None = None
    made_part_ids: tuple[str, ...] = ()
    made_program_sha256: str = ""
    measurements: tuple[Measured, ...] = ()
