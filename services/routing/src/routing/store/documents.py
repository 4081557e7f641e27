"""Parts of a job order that are kept as JSON documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from routing.domain.geography import Place
from routing.domain.job_order import Program, Setback
from routing.domain.requirements import ProfileNeed, Reason, Requirements, Size

Document = dict[str, Any]


def requirements_document(needs: Requirements) -> Document:
    """Requirements as a document."""
    return dataclasses.asdict(needs)


def requirements_of(document: Mapping[str, Any]) -> Requirements:
    """The requirements in a document."""
    destination = document["destination"]
    return Requirements(
        part_ids=tuple(document["part_ids"]),
        version_id=document["version_id"],
        material_id=document["material_id"],
        extent=Size(**document["extent"]),
        profiles={name: _need_of(need) for name, need in document["profiles"].items()},
        destination=None if destination is None else Place(**destination),
        pickup_hub_id=document["pickup_hub_id"],
    )


def _need_of(document: Mapping[str, Any]) -> ProfileNeed:
    return ProfileNeed(**{**document, "findings": reasons_of(document["findings"])})


def reasons_document(reasons: Iterable[Reason]) -> list[Document]:
    """Reasons as a document."""
    return [dataclasses.asdict(each) for each in reasons]


def reasons_of(document: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """The reasons in a document."""
    return tuple(Reason(**each) for each in document)


def setbacks_document(setbacks: Iterable[Setback]) -> list[Document]:
    """Setbacks as a document."""
    return [{"machine_id": each.machine_id, **dataclasses.asdict(each.reason)} for each in setbacks]


def setbacks_of(document: Iterable[Mapping[str, Any]]) -> tuple[Setback, ...]:
    """The setbacks in a document."""
    return tuple(Setback(each["machine_id"], Reason(each["code"], each["detail"])) for each in document)


def program_document(program: Program | None) -> Document | None:
    """A program as a document."""
    return None if program is None else dataclasses.asdict(program)


def program_of(document: Mapping[str, Any] | None) -> Program | None:
    """The program in a document."""
    return None if document is None else Program(**document)
