"""Find out whether a design can be released. Changes nothing; the slow part stands outside any transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from catalog.domain.characteristics import check_expressions
from catalog.domain.designs import Inspection, check_requires, content_sha256
from catalog.domain.manifest import Manifest, read_manifest
from catalog.domain.materials import check_materials
from catalog.domain.parameters import Parameter, merge
from catalog.store.designs import version_of_content
from catalog.store.materials import all_materials
from catalog.usecases.place_design import Publisher, place_design
from chassis.unit_of_work import UnitsOfWork

Inspect = Callable[[str, Sequence[str]], Awaitable[Inspection]]
"""`async def inspect(model, requires)`: asks fabrication. Raises InspectionUnavailable."""


@dataclass(frozen=True, slots=True)
class ExamineDesign:
    """What a publisher submits: the script and design.toml."""

    model: str
    design_toml: str
    publisher: Publisher


@dataclass(frozen=True, slots=True)
class Examined:
    """A design that can be released. `facts` and `parameters` are absent where its content was released before."""

    submitted: ExamineDesign
    manifest: Manifest
    content_sha256: str
    facts: Inspection | None = None
    parameters: tuple[Parameter, ...] = ()


async def examine_design(
    command: ExamineDesign, units: UnitsOfWork, inspect: Inspect, allowed_packages: frozenset[str]
) -> Examined:
    """Check everything that can be wrong with a design.

    Raises DesignRefused, NotTheRightsHolder, SlugTaken, InspectionUnavailable.
    """
    manifest = read_manifest(command.design_toml)
    sha256 = content_sha256(command.model, manifest)
    async with units.read() as session:
        place = await place_design(manifest, command.publisher, session)
        if place.design is not None and await version_of_content(session, place.design.id, sha256):
            return Examined(command, manifest, sha256)
        check_materials(manifest, await all_materials(session))
    check_requires(manifest.requires, allowed_packages)
    facts = await inspect(command.model, manifest.requires)
    facts.accept()
    parameters = merge(facts.parameters, manifest.bounds)
    check_expressions(manifest.characteristics, parameters)
    return Examined(command, manifest, sha256, facts, parameters)
