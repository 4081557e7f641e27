"""How designs, versions and materials are written in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.designs import Design, DesignVersion
from catalog.domain.materials import Material
from catalog.domain.parameters import Parameter
from catalog.domain.terms import LicenceTerms

Json = dict[str, Any]


def instant(moment: datetime) -> str:
    """An instant in UTC, with Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def design_item(design: Design, version: DesignVersion) -> Json:
    """A design in a list, as of its current version."""
    return {
        "id": design.id,
        "slug": design.slug,
        "version": version.number,
        "version_id": version.id,
        "title": version.title,
        "summary": version.summary,
        "tags": list(version.tags),
        "processes": list(version.processes),
        "materials": list(version.materials),
        "parameters": [parameter_json(each) for each in version.parameters],
        "fits": [asdict(each) for each in version.fits],
        "licence": licence_json(version.licence),
        "rights_holder": rights_holder_json(design),
    }


def version_json(design: Design, version: DesignVersion) -> Json:
    """One version, whole but for its script. `id` is the design's, as wherever a design is spoken of."""
    return {
        **design_item(design, version),
        "content_sha256": version.content_sha256,
        "characteristics": [characteristic_json(each) for each in version.characteristics],
        "requirements": asdict(version.requirements),
        "requires": list(version.requires),
        "default_solid": {
            "extent_mm": list(version.extent_mm),
            "volume_mm3": version.volume_mm3,
            "bodies": version.bodies,
        },
        "status": "released" if version.withdrawn is None else "withdrawn",
        "released_at": instant(version.released_at),
        "withdrawn": None
        if version.withdrawn is None
        else {"at": instant(version.withdrawn.at), "why": version.withdrawn.why},
    }


def design_json(design: Design, versions: Sequence[DesignVersion]) -> Json:
    """A design as of its current version, or as of its newest where all are withdrawn, and the list of its versions."""
    current = next((each for each in versions if each.id == design.current_version_id), versions[-1])
    listed = [
        {
            "version": each.number,
            "version_id": each.id,
            "status": "released" if each.withdrawn is None else "withdrawn",
            "released_at": instant(each.released_at),
        }
        for each in versions
    ]
    return {**version_json(design, current), "versions": listed}


def rights_holder_json(design: Design) -> Json:
    """Who owns the design, and whether another organisation holds it in trust for them."""
    holder = design.rights_holder
    return {"id": holder.id, "name": holder.name, "held_in_trust": holder.in_trust}


def parameter_json(parameter: Parameter) -> Json:
    """A parameter without the bounds that it does not have."""
    shown: Json = {
        "name": parameter.name,
        "kind": parameter.kind,
        "default": parameter.default,
        "adjustable": parameter.adjustable,
    }
    optional = {"min": parameter.min, "max": parameter.max, "step": parameter.step}
    shown |= {name: value for name, value in optional.items() if value is not None}
    if parameter.choices:
        shown["choices"] = list(parameter.choices)
    shown |= {name: text for name, text in (("unit", parameter.unit), ("help", parameter.help)) if text}
    return shown


def characteristic_json(rule: CharacteristicRule) -> Json:
    """A characteristic in the words of design.toml."""
    fields = asdict(rule)
    shown = {name: fields[name] for name in ("name", "nominal", "upper", "lower", "unit", "instrument")}
    return {**shown, "class": rule.class_, "feature": rule.feature, "at": list(rule.at)}


def licence_json(terms: LicenceTerms) -> Json:
    """The terms of a licence."""
    fee = None if terms.fee is None else {"amount": str(terms.fee.amount), "currency": terms.fee.currency}
    return {"kind": terms.kind, "fee": fee, "territory": terms.territory}


def material_json(material: Material) -> Json:
    """A material with where each of its figures was read."""
    fields = asdict(material)
    return {**fields, "processes": list(material.processes), "colours": list(material.colours)}
