"""What the stand-alone commands tell, in words or in JSON."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from fabrication.domain.assessment import Assessment
from fabrication.domain.errors import CadRefused
from fabrication.domain.findings import Finding
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import ProgramResult, VerificationReport
from fabrication.domain.records import to_record


class Report:
    """Writes answers to one stream and refusals to another; as JSON both go to the first."""

    def __init__(self, answers: TextIO, refusals: TextIO, *, as_json: bool) -> None:
        self._answers = answers
        self._refusals = refusals
        self._as_json = as_json

    def made(self, result: ProgramResult, folder: Path) -> None:
        """A program and its files."""
        files = [{"name": file.name, "sha256": file.sha256, "bytes": file.size_bytes} for file in result.files]
        plan, verification = to_record(result.plan), to_record(result.verification)
        if self._json({"folder": str(folder), "files": files, "plan": plan, "verification": verification}):
            return
        self._findings(result.plan.findings)
        self._say(f"{result.plan.quantity} × in {result.minutes:.0f} min with {result.grams:.1f} g, in {folder}:")
        for file in result.files:
            self._say(f"  {file.name:18} {file.size_bytes:>10}  {file.sha256[:16]}")
        self._verdict(result.verification)

    def assessed(self, assessment: Assessment) -> None:
        """What every machine makes of a configuration."""
        if self._json(to_record(assessment)):
            return
        x, y, z = assessment.solid.extent_mm
        self._say(f"{x:.2f} × {y:.2f} × {z:.2f} mm, {assessment.solid.volume_mm3 / 1000:.2f} cm³")
        for answer in assessment.profiles:
            verdict = f"{answer.minutes:6.0f} min {answer.grams:7.1f} g" if answer.makeable else "cannot make it"
            self._say(f"  {answer.profile_id:16} {verdict}, {answer.plate_capacity} on a plate")
            self._findings(answer.findings, "    ")

    def verified(self, report: VerificationReport) -> None:
        """A verification by itself."""
        if not self._json(to_record(report)):
            self._verdict(report)

    def machines(self, profiles: Sequence[MachineProfile]) -> None:
        """The profiles there are."""
        if self._json(to_record(list(profiles))):
            return
        for profile in profiles:
            volume = " × ".join(f"{side:g}" for side in profile.volume_mm)
            self._say(f"{profile.id:16} {profile.name:24} {profile.dialect:8} {volume} mm")

    def materials(self, materials: Sequence[MaterialSettings]) -> None:
        """The materials there are."""
        if self._json(to_record(list(materials))):
            return
        for settings in materials:
            fdm = settings.fdm
            self._say(f"{settings.id:8} {settings.name:10} {fdm.nozzle_c.value:g} °C, bed {fdm.bed_c.value:g} °C")

    def refused(self, refused: CadRefused) -> None:
        """A refusal with its findings."""
        record = {"refused": refused.code, "message": refused.message, "findings": to_record(refused.told())}
        if self._json(record):
            return
        print(f"refused ({refused.code}): {refused.message}", file=self._refusals)
        self._findings(refused.findings, "  ", self._refusals)

    def failed(self, code: str, message: str) -> None:
        """Anything else that ended the command."""
        if not self._json({"error": code, "message": message}):
            print(message, file=self._refusals)

    def _verdict(self, report: VerificationReport) -> None:
        self._say("verified" if report.passed else f"failed verification: {len(report.violations)} violations")
        for violation in report.violations:
            place = f" (line {violation.line})" if violation.line else ""
            self._say(f"  {violation.code}: {violation.message}{place}")

    def _findings(self, found: Iterable[Finding], indent: str = "", stream: TextIO | None = None) -> None:
        for finding in found:
            mend = f" ({finding.mend})" if finding.mend else ""
            print(f"{indent}{finding.severity.value}: {finding.message}{mend}", file=stream or self._answers)

    def _say(self, line: str) -> None:
        print(line, file=self._answers)

    def _json(self, record: Any) -> bool:
        if self._as_json:
            print(json.dumps(record, indent=2, ensure_ascii=False), file=self._answers)
        return self._as_json
