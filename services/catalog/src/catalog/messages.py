"""Catalog's domain ⇄ the contracts."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.designs import Design, DesignVersion, Inspection
from catalog.domain.errors import Finding
from catalog.domain.materials import Material
from catalog.domain.parameters import TUPLE, Declared, Parameter
from catalog.domain.terms import LicenceTerms, Requirements
from fabmesh.catalog.v1 import events_pb2 as pb
from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased, DesignVersionWithdrawn, MaterialReleased
from fabmesh.fabrication.v1.requests_pb2 import InspectModel, ModelInspected
from fabmesh.orders.v1.events_pb2 import OrganisationRegistered
from fabmesh.types.v1.types_pb2 import Money as MoneyMessage

__all__ = [
    "DesignVersionReleased",
    "DesignVersionWithdrawn",
    "InspectModel",
    "MaterialReleased",
    "ModelInspected",
    "OrganisationRegistered",
    "inspection_of",
    "material_released",
    "version_released",
    "version_withdrawn",
]


def version_released(design: Design, version: DesignVersion, model: str) -> DesignVersionReleased:
    """That a version may be ordered from now on."""
    message = DesignVersionReleased(
        design_id=design.id,
        slug=design.slug,
        version_id=version.id,
        version=version.number,
        content_sha256=version.content_sha256,
        title=version.title,
        summary=version.summary,
        rights_holder_id=design.rights_holder.id,
        processes=version.processes,
        materials=version.materials,
        parameters=[_parameter(each) for each in version.parameters],
        characteristics=[_characteristic(each) for each in version.characteristics],
        fits=[pb.Fit(maker=fit.maker, model=fit.model, part_number=fit.part_number) for fit in version.fits],
        licence=_licence(version.licence),
        requirements=_requirements(version.requirements),
        model_source=model,
        requires=version.requires,
    )
    message.released_at.FromDatetime(version.released_at.astimezone(UTC))
    return message


def version_withdrawn(version: DesignVersion) -> DesignVersionWithdrawn:
    """That a withdrawn version is never started again."""
    assert version.withdrawn is not None
    message = DesignVersionWithdrawn(
        design_id=version.design_id, version_id=version.id, version=version.number, why=version.withdrawn.why
    )
    message.withdrawn_at.FromDatetime(version.withdrawn.at.astimezone(UTC))
    return message


def material_released(material: Material) -> MaterialReleased:
    """What a material is."""
    return MaterialReleased(
        material_id=material.id,
        name=material.name,
        processes=material.processes,
        density_g_per_cm3=material.density_g_per_cm3,
        colours=material.colours,
        max_temperature_c=material.max_temperature_c,
        food_contact=material.food_contact,
    )


def inspection_of(answer: ModelInspected) -> Inspection:
    """What fabrication found out about a script. Findings that only warn do not count against it."""
    return Inspection(
        parameters=tuple(_declared(each.name, each.kind, each.default_json) for each in answer.parameters),
        extent_mm=(answer.extent.x_mm, answer.extent.y_mm, answer.extent.z_mm),
        volume_mm3=answer.volume_mm3,
        bodies=answer.bodies,
        findings=tuple(
            Finding(each.code, each.severity, each.detail, each.mend)
            for each in answer.findings
            if each.severity != "warning"
        ),
    )


def _declared(name: str, kind: str, default_json: str) -> Declared:
    default: Any = json.loads(default_json)
    return Declared(name, kind, tuple(default) if kind == TUPLE else default)


def _parameter(parameter: Parameter) -> pb.Parameter:
    return pb.Parameter(
        name=parameter.name,
        kind=parameter.kind,
        default_json=json.dumps(parameter.default),
        min=parameter.min,
        max=parameter.max,
        step=parameter.step,
        choices_json=[json.dumps(choice) for choice in parameter.choices],
        unit=parameter.unit,
        help=parameter.help,
        adjustable=parameter.adjustable,
    )


def _characteristic(rule: CharacteristicRule) -> pb.CharacteristicRule:
    fields: dict[str, Any] = {"class": rule.class_}  # a reserved word of Python
    return pb.CharacteristicRule(
        name=rule.name,
        nominal=rule.nominal,
        upper=rule.upper,
        lower=rule.lower,
        unit=rule.unit,
        instrument=rule.instrument,
        feature=rule.feature,
        at=rule.at,
        **fields,
    )


def _licence(terms: LicenceTerms) -> pb.LicenceTerms:
    fee = None if terms.fee is None else MoneyMessage(amount=str(terms.fee.amount), currency=terms.fee.currency)
    return pb.LicenceTerms(kind=terms.kind, fee=fee, territory=terms.territory)


def _requirements(required: Requirements) -> pb.Requirements:
    return pb.Requirements(
        max_temperature_c=required.max_temperature_c, food_contact=required.food_contact, load_n=required.load_n
    )
