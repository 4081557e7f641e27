"""The agent's memory: every offer, every start before it happens, every report before it is sent.

Records (JSON lines, each on the disk before the agent goes on): `offer`, `starting`, `report`, `acked`, `ended`, and
`closed`, which is what compaction leaves of a job that ended and was acknowledged: enough never to begin it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hub.agent.jobs import Job, Report
from hub.append_log import AppendLog, Record, read_records
from hub.drivers import Key

_COMPACT_BYTES = 1024 * 1024
_CLOSED_KEPT = 10_000


class Ledger:
    """What the records add up to. `jobs` are in the order of their offers."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.jobs: dict[Key, Job] = {}
        self.closed: dict[str, int] = {}
        self.reports: dict[str, Report] = {}
        for record in records:
            self.fold(record)

    def fold(self, record: Record) -> None:
        """Add one record."""
        kind = record["r"]
        if kind == "acked":
            self.reports[record["id"]].acknowledged = True
            return
        key = (str(record["job"]), int(record["token"]))
        if kind == "closed":
            self._close(key)
        elif kind == "offer":
            self.jobs[key] = _job(key, record)
        elif kind == "starting":
            self.jobs[key].begun = True
        elif kind == "report":
            report = _report(key, record)
            self.jobs[key].reports.append(report)
            self.reports[report.id] = report
        elif kind == "ended":
            self.jobs[key].ended = str(record["how"])

    def forget_settled(self) -> None:
        """Keep of jobs that are over only the highest token of each job order."""
        for job in [job for job in self.jobs.values() if job.settled]:
            del self.jobs[job.key]
            for report in job.reports:
                del self.reports[report.id]
            self._close(job.key)
        for job_order in list(self.closed)[:-_CLOSED_KEPT]:
            del self.closed[job_order]

    def records(self) -> Iterator[Record]:
        """The shortest records that add up to this."""
        for job_order, token in self.closed.items():
            yield {"r": "closed", "job": job_order, "token": token}
        for job in self.jobs.values():
            yield _offer_record(job)
            if job.begun:
                yield {"r": "starting", "job": job.key[0], "token": job.key[1]}
            if job.ended and not job.reports:
                yield _ended_record(job.key, job.ended)
        for report in self.reports.values():
            yield _report_record(report)
            if report.acknowledged:
                yield {"r": "acked", "id": report.id}
        for job in self.jobs.values():
            if job.ended and job.reports:
                yield _ended_record(job.key, job.ended)

    def _close(self, key: Key) -> None:
        token = max(key[1], self.closed.pop(key[0], -1))
        self.closed[key[0]] = token


class Journal:
    """The ledger on the disk: every change is there before the method that made it returns."""

    def __init__(self, path: Path, *, compact_bytes: int = _COMPACT_BYTES) -> None:
        """Open the journal at `path`. Raises JournalDamaged."""
        self._log = AppendLog(path)
        self._compact_bytes = compact_bytes
        self._ledger = Ledger(self._log)
        self._compact()

    @property
    def open_jobs(self) -> list[Job]:
        """Jobs that have not ended, the oldest first."""
        return [job for job in self._ledger.jobs.values() if not job.ended]

    def unsent(self) -> Report | None:
        """The oldest report that nobody has acknowledged."""
        return next((report for report in self._ledger.reports.values() if not report.acknowledged), None)

    def highest_token(self, job_order: str) -> int:
        """The highest token of a job order that was ever offered here; -1 for none."""
        tokens = [key[1] for key in self._ledger.jobs if key[0] == job_order]
        return max([self._ledger.closed.get(job_order, -1), *tokens])

    def offer(self, job: Job) -> Job | None:
        """Note an offer; answers the job as the journal keeps it, None when it, or a higher token, was here before."""
        if job.key[1] <= self.highest_token(job.key[0]):
            return None
        self._write(_offer_record(job))
        return self._ledger.jobs[job.key]

    def starting(self, key: Key) -> None:
        """Note that the next thing is a start. Raises ValueError for a job that was begun before: it is never again."""
        if self._ledger.jobs[key].begun:
            raise ValueError(f"{key[0]} token {key[1]} was begun before")
        self._write({"r": "starting", "job": key[0], "token": key[1]})

    def report(self, report: Report, *, ends: str = "") -> None:
        """Note a report, and with `ends` that it is the job's last and why."""
        self._write(_report_record(report), *([_ended_record(report.key, ends)] if ends else []))

    def end(self, key: Key, how: str) -> None:
        """Note that a job is over."""
        self._write(_ended_record(key, how))

    def acknowledge(self, report_id: str) -> None:
        """Note that the network has a report."""
        self._write({"r": "acked", "id": report_id})
        self._compact()

    def close(self) -> None:
        """Close the file."""
        self._log.close()

    def _write(self, *records: Record) -> None:
        self._log.append(*records)
        for record in records:
            self._ledger.fold(record)

    def _compact(self) -> None:
        """Forget what nobody will ask for, once that is worth the writing."""
        if self._log.size_bytes > self._compact_bytes:
            self._ledger.forget_settled()
            self._log.rewrite(self._ledger.records())
            self._compact_bytes = max(self._compact_bytes, 2 * self._log.size_bytes)


def describe(path: Path) -> Iterator[str]:
    """The journal in words, a line a job, also while an agent writes it. Raises JournalDamaged."""
    ledger = Ledger(read_records(path) if path.exists() else ())
    for job in ledger.jobs.values():
        reports = ", ".join(f"{each.kind}{'' if each.acknowledged else ' (unsent)'}" for each in job.reports)
        state = job.ended or ("begun" if job.begun else "queued")
        yield f"{job.key[0]} token {job.key[1]} on {job.machine_id}: {state}; {reports or 'no reports'}"
    yield f"{len(ledger.jobs)} jobs, {len(ledger.closed)} older ones closed"


def _offer_record(job: Job) -> Record:
    return {
        "r": "offer",
        "job": job.key[0],
        "token": job.key[1],
        "machine": job.machine_id,
        "order": job.order_id,
        "cause": job.cause,
        "trace": dict(job.trace),
        "offer": dict(job.offer),
    }


def _job(key: Key, record: dict[str, Any]) -> Job:
    return Job(
        key=key,
        machine_id=record["machine"],
        offer=record["offer"],
        order_id=record["order"],
        cause=record["cause"],
        trace=record["trace"],
    )


def _report_record(report: Report) -> Record:
    return {
        "r": "report",
        "job": report.key[0],
        "token": report.key[1],
        "id": report.id,
        "machine": report.machine_id,
        "seq": report.sequence,
        "kind": report.kind,
        "body": report.body,
        "fraction": report.fraction,
    }


def _report(key: Key, record: dict[str, Any]) -> Report:
    return Report(
        record["id"], key, record["machine"], record["seq"], record["kind"], record["body"], record["fraction"]
    )


def _ended_record(key: Key, how: str) -> Record:
    return {"r": "ended", "job": key[0], "token": key[1], "how": how}
