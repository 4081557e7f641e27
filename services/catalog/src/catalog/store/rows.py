"""Rows ⇄ domain dataclasses."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.designs import Design, DesignVersion, RightsHolder, Withdrawal
from catalog.domain.materials import Material
from catalog.domain.parameters import TUPLE, Parameter
from catalog.domain.terms import Fit, LicenceTerms, Money, Requirements
from catalog.store.searching import search_text


def design_of(row: Row[Any]) -> Design:
    """A row of `designs`."""
    holder = RightsHolder(row.rights_holder_id, row.rights_holder_name, row.held_in_trust)
    return Design(row.id, row.slug, holder, row.revision, row.current_version_id)


def design_values(design: Design) -> dict[str, Any]:
    """The columns of a design."""
    return {
        "id": design.id,
        "slug": design.slug,
        "rights_holder_id": design.rights_holder.id,
        "rights_holder_name": design.rights_holder.name,
        "held_in_trust": design.rights_holder.in_trust,
        "revision": design.revision,
        "current_version_id": design.current_version_id,
    }


def version_of(row: Row[Any]) -> DesignVersion:
    """A row of `versions`."""
    width, depth, height = row.extent_mm
    return DesignVersion(
        id=row.id,
        design_id=row.design_id,
        number=row.number,
        content_sha256=row.content_sha256,
        title=row.title,
        summary=row.summary,
        tags=tuple(row.tags),
        processes=tuple(row.processes),
        materials=tuple(row.materials),
        parameters=tuple(_parameter_of(each) for each in row.parameters),
        characteristics=tuple(CharacteristicRule(**each | {"at": tuple(each["at"])}) for each in row.characteristics),
        fits=tuple(Fit(**each) for each in row.fits),
        licence=_licence_of(row.licence),
        requirements=Requirements(**row.requirements),
        requires=tuple(row.requires),
        extent_mm=(width, depth, height),
        volume_mm3=row.volume_mm3,
        bodies=row.bodies,
        released_at=row.released_at,
        withdrawn=None if row.withdrawn_at is None else Withdrawal(row.withdrawn_at, row.withdrawn_why),
    )


def version_values(version: DesignVersion) -> dict[str, Any]:
    """The columns of a version."""
    licence = asdict(version.licence)
    if version.licence.fee is not None:
        licence["fee"]["amount"] = str(version.licence.fee.amount)
    return {
        "id": version.id,
        "design_id": version.design_id,
        "number": version.number,
        "content_sha256": version.content_sha256,
        "title": version.title,
        "summary": version.summary,
        "tags": list(version.tags),
        "processes": list(version.processes),
        "materials": list(version.materials),
        "parameters": [asdict(each) for each in version.parameters],
        "characteristics": [asdict(each) for each in version.characteristics],
        "fits": [asdict(each) for each in version.fits],
        "licence": licence,
        "requirements": asdict(version.requirements),
        "requires": list(version.requires),
        "extent_mm": list(version.extent_mm),
        "volume_mm3": version.volume_mm3,
        "bodies": version.bodies,
        "released_at": version.released_at,
        "search_text": search_text(version.title, version.summary, *version.tags),
    }


def material_of(row: Row[Any]) -> Material:
    """A row of `materials`."""
    return Material(
        id=row.id,
        name=row.name,
        processes=tuple(row.processes),
        density_g_per_cm3=row.density_g_per_cm3,
        colours=tuple(row.colours),
        max_temperature_c=row.max_temperature_c,
        food_contact=row.food_contact,
        sources=row.sources,
    )


def _parameter_of(kept: dict[str, Any]) -> Parameter:
    if kept["kind"] == TUPLE:
        kept = kept | {"default": tuple(kept["default"]), "choices": [tuple(choice) for choice in kept["choices"]]}
    return Parameter(**kept | {"choices": tuple(kept["choices"])})


def _licence_of(kept: dict[str, Any]) -> LicenceTerms:
    fee = kept["fee"]
    money = None if fee is None else Money(Decimal(fee["amount"]), fee["currency"])
    return LicenceTerms(kept["kind"], money, kept["territory"])
