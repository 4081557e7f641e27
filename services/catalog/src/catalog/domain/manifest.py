"""design.toml: what a designer says of a design beside its script."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.domain.characteristics import CharacteristicRule, check_names, read_characteristic
from catalog.domain.errors import DesignRefused
from catalog.domain.parameters import Bounds, read_bounds
from catalog.domain.reading import Table
from catalog.domain.slugs import check_slug, slug_of
from catalog.domain.terms import Fit, LicenceTerms, Requirements, read_fit, read_licence, read_requirements

PROCESSES = ("fdm", "milling", "laser")


@dataclass(frozen=True)
class Manifest:
    """design.toml, read and checked as far as it can be without the script and the catalogue of materials."""

    title: str
    slug: str
    rights_holder: str
    processes: tuple[str, ...]
    materials: tuple[str, ...]
    summary: str
    tags: tuple[str, ...]
    requires: tuple[str, ...]
    fits: tuple[Fit, ...]
    requirements: Requirements
    bounds: Mapping[str, Bounds]
    characteristics: tuple[CharacteristicRule, ...]
    licence: LicenceTerms
    content: Mapping[str, Any]
    """The same as plain values, for the content hash."""


def read_manifest(text: str) -> Manifest:
    """Parse `text`. Raises DesignRefused with a stable code and the place of the fault."""
    content = _parse(text)
    table = Table(content)
    title = table.text("title", required=True)
    slug = table.text("slug")
    manifest = Manifest(
        title=title,
        slug=check_slug(slug) if slug else slug_of(title),
        rights_holder=table.text("rights_holder", required=True),
        processes=_processes(table),
        materials=table.texts("materials", required=True),
        summary=table.text("summary", most=1000),
        tags=tuple(tag.lower() for tag in table.texts("tags", most=40)),
        requires=table.texts("requires"),
        fits=tuple(read_fit(row) for row in table.tables("fits")),
        requirements=read_requirements(table.table("requirements")),
        bounds={name: read_bounds(row) for name, row in table.named_tables("parameters").items()},
        characteristics=tuple(read_characteristic(row) for row in table.tables("characteristics")),
        licence=read_licence(table.table("licence")),
        content=content,
    )
    table.finish()
    check_names(manifest.characteristics)
    return manifest


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also integers of thousands of digits
        raise DesignRefused("invalid-toml", f"design.toml cannot be read: {error}") from error


def _processes(table: Table) -> tuple[str, ...]:
    processes = table.texts("processes", required=True)
    for process in processes:
        if process not in PROCESSES:
            known = ", ".join(PROCESSES)
            raise DesignRefused("unknown-process", f"{process!r} is unknown; known: {known}", "processes")
    return processes
