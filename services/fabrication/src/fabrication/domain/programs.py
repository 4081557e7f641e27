"""The program of one plate, its files, and what was found when it was replayed."""

from dataclasses import dataclass

from fabrication.domain.findings import Finding
from fabrication.domain.requests import PrintRequest

Matrix = tuple[
    tuple[float, float, float, float],
    tuple[float, float, float, float],
    tuple[float, float, float, float],
    tuple[float, float, float, float],
]


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file by its content."""

    name: str
    path: str
    media_type: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a program does not do what it must; `line` is the program's (from 1), 0 when of the whole."""

    code: str
    message: str
    line: int = 0
    at_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What the replay measured (`figures`: a number by its name with its unit) and what broke a rule."""

    passed: bool
    program_sha256: str
    figures: dict[str, float]
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """How the plate is made: where each copy stands, in how many layers, out of how much.

    `placement` takes model coordinates to plate coordinates, one row-major 4×4 a copy.
    """

    profile_id: str
    profile_revision: int
    material_id: str
    material_revision: int
    engine: str
    quantity: int
    placement: tuple[Matrix, ...]
    layers: int
    layer_mm: float
    first_layer_mm: float
    bead_mm: float
    minutes: float
    grams: float
    filament_mm: float
    request: PrintRequest
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """A program with all that was made along with it; `key` is the digest of everything that it was made from."""

    key: str
    program: Artefact
    files: tuple[Artefact, ...]
    plan: ProcessPlan
    verification: VerificationReport

    @property
    def minutes(self) -> float:
        """How long the plate takes, heating included."""
        return self.plan.minutes

    @property
    def grams(self) -> float:
        """How much filament the whole plate takes."""
        return self.plan.grams

    def file(self, name: str) -> Artefact:
        """The file of that name; raises KeyError."""
        for artefact in self.files:
            if artefact.name == name:
                return artefact
        raise KeyError(name)
