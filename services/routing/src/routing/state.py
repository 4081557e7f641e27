"""What the public API needs of the service."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitsOfWork
from routing.usecases.enrol_hub import Minting


@dataclass(frozen=True, slots=True)
class State:
    """Units of work on routing's database, and what vouches for hubs."""

    units: UnitsOfWork
    minting: Minting
