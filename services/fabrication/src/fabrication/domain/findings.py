"""What is wrong with a part, a plan or a machine's fit to it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an error forbids making the part, a warning is told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: what, where in model coordinates (mm), how bad, and what would mend it."""

    code: str
    message: str
    severity: Severity
    mend: str = ""
    at_mm: tuple[float, float, float] | None = None

    @property
    def is_error(self) -> bool:
        """Whether the part cannot be made as it is."""
        return self.severity is Severity.ERROR


def has_errors(findings: tuple[Finding, ...]) -> bool:
    """Whether any of them forbids making the part."""
    return any(finding.is_error for finding in findings)
