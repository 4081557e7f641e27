"""Whether the layers are at the heights at which they must be, each once, and reach the top of the part."""

import numpy as np

from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Violation
from fabrication.domain.requests import PrintRequest
from fabrication.verification.beads import LaidLayer

HEIGHT_TOLERANCE_MM = 0.005
ROUNDING_MM = 1e-4


def expected_tops(height_mm: float, profile: MachineProfile, request: PrintRequest) -> list[float]:
    """The nozzle heights of a part that tall: a first layer, then even ones until less than half a layer is left."""
    first, step = profile.layers.first_height_mm, request.layer_mm
    tops = [first]
    while height_mm - tops[-1] > step / 2.0 + ROUNDING_MM:
        tops.append(first + step * len(tops))
    return tops


def height_violations(layers: list[LaidLayer], expected: list[float]) -> list[Violation]:
    """Layers that are missing, doubled or displaced in height."""
    found = []
    laid = [layer.z_mm for layer in layers]
    for index, height in enumerate(laid[1:], start=1):
        if height <= laid[index - 1]:
            found.append(Violation("layer-order", f"after {laid[index - 1]:g} mm a layer is laid at {height:g} mm"))
    missing = [height for height in expected if not _near(height, laid)]
    stray = [height for height in laid if not _near(height, expected)]
    return [
        *found,
        *(Violation("missing-layer", f"no layer is laid at {height:g} mm") for height in missing),
        *(Violation("stray-layer", f"a layer is laid at {height:g} mm, where none belongs") for height in stray),
    ]


def _near(height: float, others: list[float]) -> bool:
    return any(abs(height - other) <= HEIGHT_TOLERANCE_MM for other in others)


def thickness_violations(layers: list[LaidLayer], profile: MachineProfile) -> list[Violation]:
    """Layers thicker than the nozzle can lay."""
    limit = profile.layers.max_height_mm + HEIGHT_TOLERANCE_MM
    return [
        Violation("layer-thickness", f"the layer at {layer.z_mm:g} mm is {layer.height_mm:.3f} mm thick")
        for layer in layers
        if layer.height_mm > limit
    ]


def reached_mm(layers: list[LaidLayer]) -> float:
    """How tall the print gets."""
    return float(np.max([layer.z_mm for layer in layers], initial=0.0))
