"""Release an examined design as a version, or find the version that has its content already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.domain.designs import Design, DesignVersion
from catalog.domain.errors import InspectionUnavailable
from catalog.messages import version_released
from catalog.store.designs import (
    add_design,
    add_version,
    design_called,
    keep_design,
    lock_slug,
    next_number,
    version_of_content,
)
from catalog.usecases.examine_design import Examined
from catalog.usecases.place_design import place_design
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7


@dataclass(frozen=True, slots=True)
class Published:
    """The version that has the submitted content; `created` says whether it was released just now."""

    design: Design
    version: DesignVersion
    created: bool


async def release_version(examined: Examined, uow: UnitOfWork) -> Published:
    """Store the design's next version and announce it. Raises NotTheRightsHolder or SlugTaken."""
    session, manifest = uow.session, examined.manifest
    await lock_slug(session, manifest.slug)
    place = await place_design(manifest, examined.submitted.publisher, session)
    design = place.design
    if design is None:
        design = Design(uuid7(), manifest.slug, place.holder)
        await add_design(session, design)
    else:
        design = await design_called(session, design.id, lock=True) or design
    known = await version_of_content(session, design.id, examined.content_sha256)
    if known is not None:
        return Published(design, known, created=False)
    version = _version(examined, design, await next_number(session, design.id))
    submitted = examined.submitted
    await add_version(
        session,
        version,
        model=submitted.model,
        design_toml=submitted.design_toml,
        published_by=submitted.publisher.organisation_id,
    )
    design = design.announced(version.id)
    await keep_design(session, design)
    message = version_released(design, version, submitted.model)
    uow.emit(message, aggregate_id=design.id, version=design.revision)
    return Published(design, version, created=True)


def _version(examined: Examined, design: Design, number: int) -> DesignVersion:
    manifest, facts = examined.manifest, examined.facts
    if facts is None:  # its content was there when it was examined and belongs to another rights-holder by now
        raise InspectionUnavailable("design-moved", "The design changed hands meanwhile; publish it again.")
    return DesignVersion(
        id=uuid7(),
        design_id=design.id,
        number=number,
        content_sha256=examined.content_sha256,
        title=manifest.title,
        summary=manifest.summary,
        tags=manifest.tags,
        processes=manifest.processes,
        materials=manifest.materials,
        parameters=examined.parameters,
        characteristics=manifest.characteristics,
        fits=manifest.fits,
        licence=manifest.licence,
        requirements=manifest.requirements,
        requires=manifest.requires,
        extent_mm=facts.extent_mm,
        volume_mm3=facts.volume_mm3,
        bodies=facts.bodies,
        released_at=datetime.now(UTC),
    )
