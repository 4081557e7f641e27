"""Catalog's composition root."""

from __future__ import annotations

from catalog import cli
from catalog.api import designs, materials, versions
from catalog.consumers import orders
from catalog.data.library import material_library
from catalog.settings import CatalogSettings
from catalog.state import CatalogState
from catalog.usecases.inspect_model import ModelInspector
from catalog.usecases.release_materials import release_materials
from chassis.cli import main as run_command
from chassis.service import Parts, Runtime, Service


async def compose(runtime: Runtime[CatalogSettings]) -> Parts:
    """Put the service together; the materials of the package are in the database before anything is served."""
    async with runtime.units.begin() as uow:
        await release_materials(material_library(), uow)
    state = CatalogState(runtime.units, ModelInspector(runtime), runtime.settings.packages())
    return Parts(listeners=[orders.LISTENER], state=state)


SERVICE = Service(
    name="catalog",
    title="Catalog: designs, versions and materials",
    settings=CatalogSettings,
    routers=[designs.ROUTER, versions.ROUTER, materials.ROUTER],
    compose=compose,
    migrations="catalog.migrations",
)


def main() -> int:
    """The entry of `fabmesh-catalog`."""
    return run_command(SERVICE, extend=cli.add_commands)
