"""A material's identity: what it is, not how a machine handles it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from catalog.domain.errors import DesignRefused
from catalog.domain.manifest import Manifest
from catalog.domain.terms import Requirements


@dataclass(frozen=True, slots=True)
class Material:
    """A material that parts are made of. `sources` names, for each figure, where it was read."""

    id: str
    name: str
    processes: tuple[str, ...]
    density_g_per_cm3: float
    colours: tuple[str, ...]
    max_temperature_c: float | None
    food_contact: bool
    sources: Mapping[str, str]

    def content_sha256(self) -> str:
        """The same for the same facts."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def lacks(self, required: Requirements) -> str:
        """Why the material does not meet what is required; empty where it does."""
        limit, wanted = self.max_temperature_c, required.max_temperature_c
        if wanted is not None and (limit is None or limit < wanted):
            borne = "an unknown temperature" if limit is None else f"{limit:g} °C"
            return f"{self.id} bears {borne}, {wanted:g} °C is required"
        if required.food_contact and not self.food_contact:
            return f"{self.id} is not for contact with food"
        return ""


def check_materials(manifest: Manifest, known: Mapping[str, Material]) -> None:
    """Each material must be in the catalogue, suit one of the processes and bear what the design requires.

    Raises DesignRefused `unknown-material` or `unfit-material`; the latter names what would do.
    """
    for material_id in manifest.materials:
        material = known.get(material_id)
        if material is None:
            names = ", ".join(sorted(known))
            raise DesignRefused("unknown-material", f"{material_id!r} is unknown; known: {names}", "materials")
        if not set(material.processes) & set(manifest.processes):
            detail = f"{material_id} is not for {', '.join(manifest.processes)}{_instead(manifest, known.values())}"
            raise DesignRefused("unfit-material", detail, "materials")
        if lacking := material.lacks(manifest.requirements):
            raise DesignRefused("unfit-material", f"{lacking}{_instead(manifest, known.values())}", "materials")


def _instead(manifest: Manifest, known: Iterable[Material]) -> str:
    suitable = [
        each.id
        for each in known
        if set(each.processes) & set(manifest.processes) and not each.lacks(manifest.requirements)
    ]
    return f"; {', '.join(sorted(suitable))} would do" if suitable else "; none of the catalogue would do"
