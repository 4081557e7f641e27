"""How a material is processed: what the catalogue's material needs of a machine.

The catalogue owns what a material is; these are the settings with which it is made.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and where it was read."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class FdmSettings:
    """Fused filament settings of one material.

    `flow_limit_mm3_per_s` is what a standard-length hotend melts of it; `fan` the share of full speed from the third
    layer on; `min_layer_s` how long a layer must take so that it has set before the next.
    """

    nozzle_c: Figure
    first_layer_nozzle_c: Figure
    bed_c: Figure
    density_g_per_cm3: Figure
    flow_limit_mm3_per_s: Figure
    flow_ratio: Figure
    fan: Figure
    bridge_fan: Figure
    min_layer_s: Figure


@dataclass(frozen=True, slots=True)
class MaterialSettings:
    """The process settings of one material of the catalogue."""

    id: str
    name: str
    revision: int
    process: Literal["fdm"]
    needs_enclosure: bool
    fdm: FdmSettings
