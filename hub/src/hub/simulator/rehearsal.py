"""Run a program through a virtual machine at once, without a port or a data folder, and say what came out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from hub.errors import ConfigInvalid
from hub.simulator.execution import Execution
from hub.simulator.measuring import extent
from hub.simulator.placement import Placement
from hub.simulator.separating import parts_of
from hub.simulator.settings import DEFAULT_DENSITY_G_PER_CM3, DENSITIES_G_PER_CM3, Truth, models

_IDENTITY = Placement.from_matrix([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])


def rehearse(program: Path, model_id: str, *, material_id: str = "pla") -> dict[str, Any]:
    """What a perfect machine of that model makes of a program. Raises ConfigInvalid, OSError."""
    known = models()
    if model_id not in known:
        raise ConfigInvalid(f"model {model_id!r}; known: {', '.join(sorted(known))}")
    execution = Execution(program, known[model_id], Truth(), unknown_limit=20)
    execution.advance(math.inf)
    beads = execution.deposit.beads
    part = parts_of(beads, [_IDENTITY], has_types=execution.has_types)[0]
    density = DENSITIES_G_PER_CM3.get(material_id, DEFAULT_DENSITY_G_PER_CM3)
    return {
        "outcome": "completed" if execution.fault is None else "failed",
        "reason": execution.fault.code if execution.fault else "",
        "detail": execution.fault.detail if execution.fault else "",
        "fraction": round(execution.fraction, 4),
        "machine_minutes": round(execution.clock_s / 60.0, 2),
        "used_g": round(execution.deposit.volume_mm3 * density / 1000.0, 3),
        "beads": len(beads),
        "unsupported_mm": round(execution.deposit.unsupported_mm, 1),
        "plate_extent_mm": [round(extent(part, _IDENTITY, axis), 3) for axis in range(3)] if len(part) else [],
        "unknown_words": execution.unknown_words,
    }
