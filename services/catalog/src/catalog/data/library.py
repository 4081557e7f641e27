"""The materials that the network knows, read from `materials.toml` beside this file."""

from __future__ import annotations

import importlib.resources
import tomllib
from typing import Any

from catalog.domain.materials import Material


def material_library() -> list[Material]:
    """Every material of the package. Raises KeyError where the file is incomplete."""
    text = (importlib.resources.files("catalog.data") / "materials.toml").read_text("utf-8")
    return [_material(name, entry) for name, entry in tomllib.loads(text)["materials"].items()]


def _material(name: str, entry: dict[str, Any]) -> Material:
    return Material(
        id=name,
        name=entry["name"],
        processes=tuple(entry["processes"]),
        density_g_per_cm3=float(entry["density_g_per_cm3"]),
        colours=tuple(entry["colours"]),
        max_temperature_c=float(entry["max_temperature_c"]),
        food_contact=entry["food_contact"],
        sources=dict(entry["source"]),
    )
