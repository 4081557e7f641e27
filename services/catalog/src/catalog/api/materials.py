"""`/catalog/v1/materials`: what parts can be made of."""

from __future__ import annotations

from fastapi import Request

from catalog.api.designs import MayRead, Name, state_of
from catalog.api.shapes import Json, material_json
from catalog.store.materials import all_materials
from chassis import pages
from chassis.http import router
from chassis.problems import NotFound, problem_responses

ROUTER = router("/catalog/v1/materials")


@ROUTER.get("", responses=problem_responses(400))
async def list_materials(request: Request, _: MayRead, cursor: pages.Cursor = None, limit: pages.Limit = 50) -> Json:
    """Every material, by its id."""
    after = pages.decode(cursor)
    async with state_of(request).units.read() as session:
        known = await all_materials(session)
    items = [material_json(each) for each in known.values() if after is None or each.id > str(after[0])]
    return pages.page(items[: limit + 1], limit)


@ROUTER.get("/{material}", responses=problem_responses(404))
async def show_material(request: Request, material: Name, _: MayRead) -> Json:
    """One material by its id."""
    async with state_of(request).units.read() as session:
        known = await all_materials(session)
    if material not in known:
        raise NotFound("no-such-material", "There is no material of that id.")
    return material_json(known[material])
