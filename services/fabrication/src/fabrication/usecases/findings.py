"""Findings out of what went wrong."""

from __future__ import annotations

from fabrication.domain.errors import CadRefused
from fabrication.domain.findings import Finding, Severity
from fabrication.domain.programs import VerificationReport


def error_finding(code: str, message: str, mend: str = "") -> Finding:
    """A finding that forbids making the part."""
    return Finding(code, message, Severity.ERROR, mend)


def of_refusal(refused: CadRefused) -> tuple[Finding, ...]:
    """Why the CAD workers refused; there is always at least one finding."""
    return refused.findings or (error_finding(refused.code, refused.message),)


def of_verification(report: VerificationReport) -> tuple[Finding, ...]:
    """What a program violates, none where it passed."""
    if report.passed:
        return ()
    found = tuple(
        Finding(
            each.code,
            f"line {each.line}: {each.message}" if each.line else each.message,
            Severity.ERROR,
            "",
            each.at_mm,
        )
        for each in report.violations
    )
    return found or (error_finding("verification-failed", "the program did not pass its verification"),)
