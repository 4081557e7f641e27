"""Whose design it is, and which design of that slug there is already."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from catalog.domain.designs import Design, RightsHolder
from catalog.domain.errors import DesignRefused, NotTheRightsHolder
from catalog.domain.manifest import Manifest
from catalog.store.designs import design_called
from catalog.store.organisations import organisations_called


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organisation that publishes; the network's operator may do so for all."""

    organisation_id: str
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a manifest belongs: its rights-holder, and the design of that slug where there is one."""

    holder: RightsHolder
    design: Design | None


async def place_design(manifest: Manifest, publisher: Publisher, session: AsyncSession) -> Place:
    """Resolve the rights-holder and the slug.

    Raises DesignRefused `unknown-rights-holder`, NotTheRightsHolder or SlugTaken.
    """
    holder = await _rights_holder(manifest.rights_holder, publisher, session)
    design = await design_called(session, manifest.slug)
    if design is not None:
        design.must_belong_to(holder)
    return Place(holder, design)


async def _rights_holder(name: str, publisher: Publisher, session: AsyncSession) -> RightsHolder:
    found = await organisations_called(session, name)
    if len(found) > 1:
        detail = f"{len(found)} organisations are called {name!r}; write the id of the one that is meant"
        raise DesignRefused("unknown-rights-holder", detail, "rights_holder")
    if found:
        holder = RightsHolder(found[0].id, found[0].name)
        if not publisher.is_operator and holder.id != publisher.organisation_id:
            raise NotTheRightsHolder(
                "not-the-rights-holder", f"Your key may publish only for your own organisation, not for {holder.name}."
            )
        return holder
    if publisher.is_operator:
        return RightsHolder(publisher.organisation_id, name, in_trust=True)
    raise DesignRefused("unknown-rights-holder", f"no organisation is called {name!r}", "rights_holder")
