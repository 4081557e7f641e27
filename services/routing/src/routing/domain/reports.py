"""What a hub reports of a machine, and whether it counts."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from routing.domain.errors import NotTheHolder
from routing.domain.job_order import Holder, JobOrder, State
from routing.domain.requirements import Reason

WRONG_PROGRAM = "wrong-program"


@dataclass(frozen=True, slots=True)
class Measured:
    """One value that was found on one part."""

    part_id: str
    characteristic: str
    value: float
    unit: str
    instrument: str


@dataclass(frozen=True, slots=True)
class Started:
    """The machine began."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """The machine came that far, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Completed:
    """The parts are made."""

    used_g: float
    machine_minutes: float
    program_sha256: str
    measurements: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Aborted:
    """Machine or agent gave up."""

    reason: Reason


News = Started | Progressed | Completed | Aborted


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `speaker` is the hub that the subject names, never one that the body names."""

    id: str
    job_order_id: str
    speaker: Holder
    sequence: int
    at: datetime
    news: News

    @property
    def kind(self) -> str:
        """`started`, `progressed`, `completed` or `aborted`."""
        return type(self.news).__name__.lower()


class Fact(enum.Enum):
    """What an accepted report made true, in the order in which it is announced."""

    STARTED = enum.auto()
    PROGRESSED = enum.auto()
    COMPLETED = enum.auto()
    ABORTED = enum.auto()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The report counts: the job order after it, and what became true."""

    job: JobOrder
    facts: tuple[Fact, ...]
    why_aborted: Reason | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The report does not count. `superfluous`: parts exist that nobody asked for any more."""

    why: str
    superfluous: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """It said nothing that was not known."""


@dataclass(frozen=True, slots=True)
class Early:
    """Reports that were sent before it have not arrived yet."""


Verdict = Accepted | Refused | Repeated | Early


def judge(job: JobOrder, report: Report, *, patient: bool = True) -> Verdict:
    """Decide whether `report` counts for `job`.

    Only the holder of the newest token is believed. Reports are taken in the order of their sequence; not `patient`,
    a gap is passed over and what it must have said is inferred: what is completed was started.
    """
    if _told_already(job, report):
        return Repeated()
    try:
        lease = job.held_by(report.speaker)
        if report.sequence <= lease.last_sequence:
            return Repeated()
        if patient and report.sequence > lease.last_sequence + 1:
            return Early()
        counted = replace(job, lease=replace(lease, last_sequence=report.sequence))
        return _HEAR[type(report.news)](counted, report)
    except NotTheHolder as error:
        return Refused(error.why, superfluous=isinstance(report.news, Completed))


def _told_already(job: JobOrder, report: Report) -> bool:
    """Whether it comes from the one whose completion was counted."""
    return job.state is State.COMPLETED and job.lease is not None and job.lease.holder == report.speaker


def _started(job: JobOrder, report: Report) -> Verdict:
    if job.lease is not None and job.lease.started_at is not None:
        return Repeated()
    return Accepted(job.started(report.speaker, report.at), (Fact.STARTED,))


def _progressed(job: JobOrder, report: Report) -> Verdict:
    assert isinstance(report.news, Progressed)
    begun, facts = _begun(job, report)
    return Accepted(begun.progressed(report.speaker, report.news.fraction), (*facts, Fact.PROGRESSED))


def _completed(job: JobOrder, report: Report) -> Verdict:
    assert isinstance(report.news, Completed)
    begun, facts = _begun(job, report)
    if job.program is None or report.news.program_sha256 != job.program.sha256:
        wrong = Reason(WRONG_PROGRAM, f"the machine ran the program {report.news.program_sha256[:64] or 'of no name'}")
        return Accepted(begun.given_up(report.speaker, wrong), (*facts, Fact.ABORTED), wrong)
    return Accepted(begun.completed(report.speaker), (*facts, Fact.COMPLETED))


def _aborted(job: JobOrder, report: Report) -> Verdict:
    assert isinstance(report.news, Aborted)
    return Accepted(job.given_up(report.speaker, report.news.reason), (Fact.ABORTED,), report.news.reason)


def _begun(job: JobOrder, report: Report) -> tuple[JobOrder, tuple[Fact, ...]]:
    """The job order as started; the fact that it started where its own report was lost."""
    if job.lease is not None and job.lease.started_at is not None:
        return job, ()
    return job.started(report.speaker, report.at), (Fact.STARTED,)


_HEAR: dict[type, Callable[[JobOrder, Report], Verdict]] = {
    Started: _started,
    Progressed: _progressed,
    Completed: _completed,
    Aborted: _aborted,
}
