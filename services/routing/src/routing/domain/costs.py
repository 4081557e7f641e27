"""What a choice costs, in whole micro-units of currency, so that equal choices are equal to the last digit."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-units. Defaults: a machine hour 3.00, an hour in its queue 3.00, a kilometre 0.30, an hour until the
    desk opens 0.06, a machine that gave up before 50.00, parts at another hub than the rest of the order 10,000.00.
    """

    machine_per_minute: int = 50_000
    queue_per_minute: int = 50_000
    trip_per_km: int = 300_000
    desk_per_minute: int = 1_000
    setback: int = 50 * MICRO
    other_hub: int = 10_000 * MICRO


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of the price of one choice, each in micro-units.

        making    = minutes on the machine · rate
        queue     = minutes of the job orders before it · rate
        trip      = 2 · distance hub – customer in km · rate   (there and back to collect)
        desk      = minutes from finishing until the desk is open · rate
        setbacks  = how often that machine gave this job order up · penalty
        other_hub = penalty where the order's other parts lie at another hub

    Each part is rounded to whole micro-units, half to even; the total is their sum.
    """

    making: int
    queue: int
    trip: int
    desk: int
    setbacks: int
    other_hub: int

    @classmethod
    def of(
        cls,
        rates: Rates,
        *,
        minutes: float,
        queue_minutes: float,
        distance_km: float,
        desk_minutes: float,
        setbacks: int,
        other_hub: bool,
    ) -> Cost:
        """The cost of a choice."""
        return cls(
            making=round(minutes * rates.machine_per_minute),
            queue=round(queue_minutes * rates.queue_per_minute),
            trip=round(2 * distance_km * rates.trip_per_km),
            desk=round(desk_minutes * rates.desk_per_minute),
            setbacks=setbacks * rates.setback,
            other_hub=rates.other_hub if other_hub else 0,
        )

    @property
    def total(self) -> int:
        """Micro-units."""
        return self.making + self.queue + self.trip + self.desk + self.setbacks + self.other_hub

    def parts(self) -> dict[str, int]:
        """Each part by its name, and the total."""
        return {**dataclasses.asdict(self), "total": self.total}
