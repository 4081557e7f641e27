"""The durations and bounds that routing works by."""

from __future__ import annotations

from dataclasses import dataclass, field

from routing.domain.costs import Rates


@dataclass(frozen=True, slots=True)
class Rules:
    """Durations in seconds.

    `allocation_lease_s`: how long an allocated job order waits for a hub that is not heard. `lease_s`: how long a
    claimed one may run between two heartbeats that name it. `hub_lost_s`: after that much silence a hub is lost.
    `retry_s`: how often a waiting job order is looked at again. `max_setbacks`: after so many machines gave it up it is
    refused. `preparation_minutes`: from allocation until the program is at the hub, as the promise counts it.
    """

    allocation_lease_s: float = 120.0
    lease_s: float = 15.0
    hub_lost_s: float = 6.0
    heartbeat_interval_s: float = 1.0
    retry_s: float = 3.0
    max_setbacks: int = 5
    preparation_minutes: float = 2.0
    rates: Rates = field(default_factory=Rates)
