"""What the CAD workers found out about a model and its solid."""

from dataclasses import dataclass, field
from typing import Literal

from fabrication.domain.findings import Finding

ParameterValue = float | int | str | bool | tuple[float | int | str | bool, ...]
ParameterType = Literal["number", "string", "boolean", "tuple"]


@dataclass(frozen=True, slots=True)
class DeclaredParameter:
    """A parameter as the script declares it, before the catalogue gives it bounds."""

    name: str
    type: ParameterType
    default: ParameterValue
    help: str = ""


@dataclass(frozen=True, slots=True)
class SolidFacts:
    """A built solid in model coordinates (mm, mm², mm³)."""

    sha256: str
    bodies: int
    volume_mm3: float
    area_mm2: float
    centre_mm: tuple[float, float, float]
    low_mm: tuple[float, float, float]
    high_mm: tuple[float, float, float]

    @property
    def extent_mm(self) -> tuple[float, float, float]:
        """The sides of the bounding box."""
        x, y, z = (high - low for low, high in zip(self.low_mm, self.high_mm, strict=True))
        return (x, y, z)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a script declares and what it builds at its defaults; `solid` is None when it does not build."""

    script_sha256: str
    parameters: tuple[DeclaredParameter, ...]
    solid: SolidFacts | None
    findings: tuple[Finding, ...] = field(default=())

    @property
    def builds(self) -> bool:
        """Whether the script at its defaults gives a solid that can be made."""
        return self.solid is not None and not any(finding.is_error for finding in self.findings)
