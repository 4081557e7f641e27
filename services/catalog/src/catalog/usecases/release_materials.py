"""Bring the materials' table to what the package says, and announce what is new or has changed."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.domain.materials import Material
from catalog.messages import material_released
from catalog.store.materials import keep_material
from chassis.unit_of_work import UnitOfWork


async def release_materials(materials: Iterable[Material], uow: UnitOfWork) -> list[str]:
    """Answers the ids of those announced. Safe to repeat and to run from several processes at once."""
    announced = []
    for material in sorted(materials, key=lambda each: each.id):
        revision = await keep_material(uow.session, material)
        if revision is not None:
            uow.emit(material_released(material), aggregate_id=material.id, version=revision)
            announced.append(material.id)
    return announced
