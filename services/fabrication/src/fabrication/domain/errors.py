"""The errors of fabrication.

FabricationError
├── RecordInvalid        a file or message does not have the shape it must have
├── UnknownProfile       no machine profile of that id
├── UnknownMaterial      no settings for that material and process
├── CadRefused           the design is at fault: repeating changes nothing
└── CadFailed            a worker broke: repeating may help
"""

from fabrication.domain.findings import Finding, Severity


class FabricationError(Exception):
    """Anything that fabrication itself says no with."""


class RecordInvalid(FabricationError):
    """A value read from a file or message is not what stands in its schema."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or 'the record'} {why}")
        self.where = where
        self.why = why


class UnknownProfile(FabricationError):
    """No machine profile has that id."""


class UnknownMaterial(FabricationError):
    """No process settings are known for that material."""


class CadRefused(FabricationError):
    """The design, its parameters or what is asked of it cannot be made; the same request will be refused again."""

    def __init__(self, code: str, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.findings = findings

    def told(self) -> tuple[Finding, ...]:
        """The findings, or the refusal itself as one where there are none."""
        return self.findings or (Finding(self.code, self.message, Severity.ERROR),)


class CadFailed(FabricationError):
    """A worker of ours died or did not answer; the same request may succeed when repeated."""
