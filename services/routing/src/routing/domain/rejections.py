"""Why a machine cannot take a job order: types with the numbers that were compared.

Rejection
├── passing: may change by itself or by somebody's hand, so the job order can wait for it
│   ├── HubLost · HubCordoned · HubSilent
│   ├── MachineNotReady · MachineSilent
│   └── NoStock
└── lasting: no waiting helps
    ├── HubNotEnrolled · NotAssessed
    └── ProfileCannot · TooLarge · PlateTooSmall
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from routing.domain.requirements import Reason, Size


@dataclass(frozen=True, slots=True)
class Rejection:
    """Root of the reasons. `passing`: waiting may help."""

    code: ClassVar[str]
    passing: ClassVar[bool]

    def detail(self) -> str:
        """The reason in words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class HubNotEnrolled(Rejection):
    """No agent has ever enrolled for the hub."""

    code, passing = "hub-not-enrolled", False

    def detail(self) -> str:
        return "the hub is registered and nobody has enrolled for it"


@dataclass(frozen=True, slots=True)
class HubSilent(Rejection):
    """The hub enrolled and has not spoken yet."""

    code, passing = "hub-silent", True

    def detail(self) -> str:
        return "the hub has enrolled and was never heard"


@dataclass(frozen=True, slots=True)
class HubLost(Rejection):
    """The hub is not heard any more."""

    code, passing = "hub-lost", True
    since: datetime

    def detail(self) -> str:
        return f"the hub was last heard at {self.since:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class HubCordoned(Rejection):
    """The hub takes no new job orders until it is uncordoned."""

    code, passing = "hub-cordoned", True

    def detail(self) -> str:
        return "the hub takes no new job orders for now"


@dataclass(frozen=True, slots=True)
class MachineNotReady(Rejection):
    """The machine has a fault, or its agent cannot reach it."""

    code, passing = "machine-not-ready", True
    state: str

    def detail(self) -> str:
        return f"the machine is in the state {self.state}"


@dataclass(frozen=True, slots=True)
class MachineSilent(Rejection):
    """The hub speaks, but not of this machine."""

    code, passing = "machine-silent", True
    heard_at: datetime | None
    limit_s: float

    def detail(self) -> str:
        when = f"{self.heard_at:%Y-%m-%d %H:%M:%S} UTC" if self.heard_at else "never"
        return f"the machine was last heard of: {when}; {self.limit_s:g} s are the limit"


@dataclass(frozen=True, slots=True)
class NoStock(Rejection):
    """The hub has not enough of the material that nobody has reserved."""

    code, passing = "no-stock", True
    material_id: str
    needed_g: float
    free_g: float

    def detail(self) -> str:
        return f"{self.needed_g:.1f} g of {self.material_id} are needed, {max(self.free_g, 0.0):.1f} g are free"


@dataclass(frozen=True, slots=True)
class NotAssessed(Rejection):
    """Fabrication said nothing about the machine's profile."""

    code, passing = "not-assessed", False
    profile_id: str

    def detail(self) -> str:
        return f"the configuration was not assessed for the profile {self.profile_id}"


@dataclass(frozen=True, slots=True)
class ProfileCannot(Rejection):
    """Fabrication found that the profile cannot make the part."""

    code, passing = "profile-cannot", False
    profile_id: str
    findings: tuple[Reason, ...]

    def detail(self) -> str:
        found = "; ".join(f"{each.code}: {each.detail}" if each.detail else each.code for each in self.findings)
        return f"{self.profile_id} cannot make it" + (f" ({found})" if found else "")


@dataclass(frozen=True, slots=True)
class TooLarge(Rejection):
    """The part does not fit into the machine's work volume, however it is turned."""

    code, passing = "too-large", False
    part: Size
    volume: Size

    def detail(self) -> str:
        part, room = (f"{s.x_mm:.1f} × {s.y_mm:.1f} × {s.z_mm:.1f} mm" for s in (self.part, self.volume))
        return f"the part has {part}, the machine {room}"


@dataclass(frozen=True, slots=True)
class PlateTooSmall(Rejection):
    """So many parts do not fit on the machine's plate at once."""

    code, passing = "plate-too-small", False
    parts: int
    capacity: int

    def detail(self) -> str:
        return f"{self.parts} parts are made together, {self.capacity} fit on the plate"
