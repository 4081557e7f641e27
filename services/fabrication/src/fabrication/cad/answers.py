"""What the jobs answer, as plain records that worker and child both know."""

from dataclasses import dataclass

from fabrication.cad.protocol import Refusal
from fabrication.domain.facts import DeclaredParameter, SolidFacts
from fabrication.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What the script declares, and why it did not build where it did not."""

    parameters: tuple[DeclaredParameter, ...]
    refused: Refusal | None


@dataclass(frozen=True, slots=True)
class Measured:
    """The solid's facts and what is odd about it."""

    solid: SolidFacts
    findings: tuple[Finding, ...]
