"""What catalog refuses, and why.

CatalogError
├── DesignRefused         the design cannot be released as it is; nothing was stored
│   └── ModelRefused      the script does not build; carries what was found
├── NotTheRightsHolder    the publisher may not publish for that rights-holder
├── SlugTaken             the slug belongs to another rights-holder's design
└── InspectionUnavailable nobody could inspect the model now; trying again may help
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What an inspection found about a model, and what would mend it."""

    code: str
    severity: str
    detail: str
    mend: str = ""


class CatalogError(Exception):
    """Root of this package's errors. `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class DesignRefused(CatalogError):
    """The design is at fault. `at` is the place in design.toml, as in `parameters.height.min`; empty for the whole."""

    def __init__(self, code: str, detail: str, at: str = "") -> None:
        super().__init__(code, f"{at}: {detail}" if at else detail)
        self.at = at


class ModelRefused(DesignRefused):
    """Fabrication found errors in the script or in the solid that it builds."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("model-refused", "; ".join(finding.detail for finding in findings))
        self.findings = tuple(findings)


class NotTheRightsHolder(CatalogError):
    """Only the rights-holder itself and the network's operator may publish a design."""


class SlugTaken(CatalogError):
    """Another rights-holder has a design of that slug."""


class InspectionUnavailable(CatalogError):
    """The model could not be inspected for a reason that is not the design's."""
