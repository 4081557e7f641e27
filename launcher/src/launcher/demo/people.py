"""Who orders what in the demonstration, and where they live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Wish:
    """One person's order. `fits` finds the part by the appliance that it belongs to, else `design` names it."""

    person: str
    place: str
    lat_deg: float
    lon_deg: float
    design: str
    material: str
    quantity: int = 1
    parameters: Mapping[str, float | int | str | bool] = field(default_factory=dict)


WISHES: tuple[Wish, ...] = (
    Wish("Ayşe", "Altona", 53.5503, 9.9350, "coffee-knob", "petg"),
    Wish("Jonas", "Eimsbüttel", 53.5740, 9.9570, "drain-plug", "tpu95"),
    Wish("Mai", "Barmbek", 53.5870, 10.0440, "appliance-foot", "tpu95", quantity=2),
    Wish("Sven", "Wandsbek", 53.5720, 10.0820, "spur-gear", "pa12"),
    Wish("Lucía", "Harburg", 53.4600, 9.9830, "cable-clip", "pla", quantity=2),
    Wish("Piet", "Bergedorf", 53.4890, 10.2130, "hose-adapter", "petg"),
)
"""Six people in six districts of Hamburg; coordinates are the districts' centres."""
