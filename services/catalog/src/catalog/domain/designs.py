"""A design and its released versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.errors import DesignRefused, Finding, ModelRefused, SlugTaken
from catalog.domain.manifest import Manifest
from catalog.domain.parameters import Declared, Parameter
from catalog.domain.terms import Fit, LicenceTerms, Requirements

MAX_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Inspection:
    """What fabrication found out about a script with its defaults. Extents in mm, volume in mm³."""

    parameters: tuple[Declared, ...]
    extent_mm: tuple[float, float, float]
    volume_mm3: float
    bodies: int
    findings: tuple[Finding, ...] = ()

    def accept(self) -> None:
        """Raises ModelRefused where the script or its solid is at fault, DesignRefused where it declares too much."""
        if self.findings:
            raise ModelRefused(self.findings)
        if len(self.parameters) > MAX_PARAMETERS:
            detail = f"the script declares {len(self.parameters)} parameters; {MAX_PARAMETERS} are the most"
            raise DesignRefused("too-many-parameters", detail)


@dataclass(frozen=True, slots=True)
class RightsHolder:
    """Who owns a design. `in_trust`: the organisation `id` keeps it for one of that name that is not registered."""

    id: str
    name: str
    in_trust: bool = False

    def is_same(self, other: RightsHolder) -> bool:
        """Whether both are one rights-holder; those held in trust differ by their names."""
        if self.in_trust != other.in_trust or self.id != other.id:
            return False
        return not self.in_trust or self.name.casefold() == other.name.casefold()


@dataclass(frozen=True, slots=True)
class Design:
    """A parametric part. `revision` counts what was announced of it; `current_version_id` is the newest version that
    is not withdrawn.
    """

    id: str
    slug: str
    rights_holder: RightsHolder
    revision: int = 0
    current_version_id: str | None = None

    def must_belong_to(self, holder: RightsHolder) -> None:
        """Raises SlugTaken unless `holder` is the design's."""
        if not self.rights_holder.is_same(holder):
            raise SlugTaken("slug-taken", f"{self.slug!r} is a design of another rights-holder; choose another slug.")

    def announced(self, current_version_id: str | None) -> Design:
        """The design after one more announcement."""
        return replace(self, revision=self.revision + 1, current_version_id=current_version_id)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When and why a version was withdrawn."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class DesignVersion:
    """One immutable released revision of a design; of it only the withdrawal can change. The script is kept apart."""

    id: str
    design_id: str
    number: int
    content_sha256: str
    title: str
    summary: str
    tags: tuple[str, ...]
    processes: tuple[str, ...]
    materials: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    characteristics: tuple[CharacteristicRule, ...]
    fits: tuple[Fit, ...]
    licence: LicenceTerms
    requirements: Requirements
    requires: tuple[str, ...]
    extent_mm: tuple[float, float, float]
    volume_mm3: float
    bodies: int
    released_at: datetime
    withdrawn: Withdrawal | None = None


def content_sha256(model: str, manifest: Manifest) -> str:
    """The hash of what is published. Line ends, and in design.toml comments and layout, make no difference."""
    source = model.replace("\r\n", "\n").replace("\r", "\n")
    content = {"design": manifest.content, "model": source}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_requires(requires: Sequence[str], allowed: frozenset[str]) -> None:
    """Raises DesignRefused `package-not-allowed` for a package that the operator has not allowed."""
    for package in requires:
        if package not in allowed:
            known = ", ".join(sorted(allowed)) or "none"
            raise DesignRefused("package-not-allowed", f"{package!r} is not allowed; allowed: {known}", "requires")
