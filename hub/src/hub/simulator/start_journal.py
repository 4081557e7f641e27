"""What the machine itself remembers of its starts, whatever else crashes: an auditor's witness.

Records: `started` {job_order, token, sha256, copies}, `ended` {job_order, token, outcome, reason, used_g, minutes},
`barred` {job_order, token}, `cleared`, `serviced`; each with `at`. Nothing is ever taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.append_log import AppendLog

Key = tuple[str, int]


@dataclass(slots=True)
class Run:
    """One start and what became of it: running, completed, failed, cancelled, lost; or barred, which never started."""

    job_order: str
    token: int
    sha256: str = ""
    copies: int = 1
    since_service: int = 0
    drift_mm: float = 0.0
    outcome: str = "running"
    reason: str = ""
    detail: str = ""
    used_g: float = 0.0
    minutes: float = 0.0
    has_types: bool = True
    density_g_per_cm3: float = 0.0

    @property
    def key(self) -> Key:
        """Job order and fencing token."""
        return self.job_order, self.token


class StartJournal:
    """All starts of this machine. Opening it ends what a crash left running as `lost`."""

    def __init__(self, path: Path) -> None:
        self._log = AppendLog(path)
        self.runs: dict[Key, Run] = {}
        self.bed_occupied = False
        self.parts_since_service = 0
        for record in self._log:
            self._fold(record)
        for run in [run for run in self.runs.values() if run.outcome == "running"]:
            self.end(run.key, outcome="lost", reason="machine-restarted", detail="the machine lost power under way")

    def start(self, key: Key, *, sha256: str, copies: int, density_g_per_cm3: float, drift_mm: float) -> Run:
        """Note a start; on return the disk has it."""
        figures = {"copies": copies, "density_g_per_cm3": density_g_per_cm3, "drift_mm": drift_mm}
        self._write("started", key, sha256=sha256, **figures)
        return self.runs[key]

    def end(self, key: Key, *, outcome: str, reason: str = "", detail: str = "", **figures: float | bool) -> None:
        """Note how a run ended."""
        self._write("ended", key, outcome=outcome, reason=reason, detail=detail, **figures)

    def bar(self, key: Key) -> Run:
        """Note that this key is never to be started."""
        self._write("barred", key)
        return self.runs[key]

    def clear(self) -> None:
        """Note that the bed is clear."""
        self._write("cleared", None)

    def service(self) -> None:
        """Note that the machine was put right."""
        self._write("serviced", None)

    def close(self) -> None:
        """Close the file."""
        self._log.close()

    def _write(self, event: str, key: Key | None, **fields: Any) -> None:
        record: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
        if key is not None:
            record |= {"job_order": key[0], "token": key[1]}
        record |= fields
        self._log.append(record)
        self._fold(record)

    def _fold(self, record: dict[str, Any]) -> None:
        event = record["event"]
        if event == "cleared":
            self.bed_occupied = False
        elif event == "serviced":
            self.parts_since_service = 0
        else:
            self._fold_run(event, (record["job_order"], record["token"]), record)

    def _fold_run(self, event: str, key: Key, record: dict[str, Any]) -> None:
        if event == "barred":
            self.runs[key] = Run(*key, outcome="barred", reason="never-started")
        elif event == "started":
            self.runs[key] = Run(
                *key,
                sha256=record["sha256"],
                copies=record["copies"],
                density_g_per_cm3=record["density_g_per_cm3"],
                drift_mm=record["drift_mm"],
                since_service=self.parts_since_service,
            )
            self.bed_occupied = True
            self.parts_since_service += record["copies"]
        elif event == "ended":
            run = self.runs[key]
            run.outcome, run.reason, run.detail = record["outcome"], record["reason"], record["detail"]
            run.used_g, run.minutes = record.get("used_g", 0.0), record.get("minutes", 0.0)
            run.has_types = record.get("has_types", True)
