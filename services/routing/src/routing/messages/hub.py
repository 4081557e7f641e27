"""What routing and the hubs say to each other: structured JSON on `hub.>`.

Everything that comes from a hub is checked here, beyond what its JSON may be: ids that fit into a subject or a header,
numbers that are finite and within sense, lists that are bounded. Raises MalformedMessage where it is not so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.message import Message

from fabmesh.fabrication.v1.events_pb2 import Placement
from fabmesh.hub.v1 import hub_pb2 as hub
from fabmesh.types.v1 import types_pb2 as types
from messaging.envelope import Envelope, seal
from messaging.errors import MalformedMessage
from messaging.structured import from_json, to_json
from messaging.subjects import hub_jobs
from routing.domain.heartbeats import Answer, MachineHeard
from routing.domain.job_order import Holder, JobOrder
from routing.domain.making import Characteristic, Making
from routing.domain.network import MachineState
from routing.domain.reports import Aborted, Completed, Measured, News, Progressed, Report, Started
from routing.domain.requirements import Reason

T = TypeVar("T")
M = TypeVar("M", bound=Message)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_TEXT_MAX = 500
_MACHINES_MAX = 256
_MEASUREMENTS_MAX = 5_000
_AMOUNT_MAX = 1e6
_TOKEN_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Said:
    """What a hub said, and the envelope that it came in."""

    hub_id: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class ClaimAsked(Said):
    """May this machine start this job order?"""

    job_order_id: str
    holder: Holder


@dataclass(frozen=True, slots=True)
class HeartbeatHeard(Said):
    """The hub lives, and its machines are so."""

    agent_version: str
    machines: tuple[MachineHeard, ...]


@dataclass(frozen=True, slots=True)
class ReportHeard(Said):
    """A machine did something."""

    report: Report


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to start, and what to fetch."""

    token: int
    lease_s: float
    program_url: str
    program_sha256: str
    download_key: str


def hub_of(subject: str) -> str:
    """The hub that a subject under `hub.` speaks for: the truth of who speaks. Raises MalformedMessage."""
    return _id(subject.split(".")[1] if subject.count(".") else "", "hub")


# -- heard ----------------------------------------------------------------------------------------------------------


def claim_of(subject: str, body: bytes) -> ClaimAsked:
    """The claim in a request on `hub.<hub>.claims`."""
    hub_id = hub_of(subject)
    envelope, claim = _read(body, hub.ClaimRequested)
    holder = Holder(hub_id, _id(claim.machine_id, "machine_id"), _token(claim.fencing_token))
    return ClaimAsked(hub_id, envelope, _id(claim.job_order_id, "job_order_id"), holder)


def heartbeat_of(subject: str, body: bytes) -> HeartbeatHeard:
    """The heartbeat in a request on `hub.<hub>.heartbeat`."""
    hub_id = hub_of(subject)
    envelope, heartbeat = _read(body, hub.HeartbeatSent)
    if len(heartbeat.machines) > _MACHINES_MAX:
        raise MalformedMessage(f"{len(heartbeat.machines)} machines; {_MACHINES_MAX} are the most")
    machines = tuple(_machine(each) for each in heartbeat.machines)
    if len({each.machine_id for each in machines}) != len(machines):
        raise MalformedMessage("a machine is named twice")
    return HeartbeatHeard(hub_id, envelope, _text(heartbeat.agent_version)[:64], machines)


def report_of(subject: str, body: bytes) -> ReportHeard:
    """The report in a message on `hub.<hub>.reports.<machine>`."""
    hub_id = hub_of(subject)
    machine_id = _id(subject.rsplit(".", maxsplit=1)[-1], "machine")
    envelope, reported = _read(body, hub.JobReported)
    if reported.machine_id not in ("", machine_id):
        raise MalformedMessage(f"the subject names the machine {machine_id}, the report another")
    if reported.sequence < 1:
        raise MalformedMessage("sequence: reports are counted from 1")
    report = Report(
        id=_id(reported.report_id, "report_id"),
        job_order_id=_id(reported.job_order_id, "job_order_id"),
        speaker=Holder(hub_id, machine_id, _token(reported.fencing_token)),
        sequence=reported.sequence,
        at=_moment(reported),
        news=_news(reported),
    )
    return ReportHeard(hub_id, envelope, report)


def _read(body: bytes, kind: type[M]) -> tuple[Envelope, M]:
    envelope, message = from_json(body, kind)
    if not _EVENT_ID.fullmatch(envelope.id):
        raise MalformedMessage("id: letters, digits and - _ . : only, 200 at the most")
    return envelope, message


def _machine(status: hub.MachineStatus) -> MachineHeard:
    machine_id, state = _id(status.machine_id, "machine_id"), MachineState.of(status.state)
    if not status.job_order_id:
        return MachineHeard(machine_id, state)
    return MachineHeard(machine_id, state, _id(status.job_order_id, "job_order_id"), _token(status.fencing_token))


def _news(reported: hub.JobReported) -> News:
    which = reported.WhichOneof("report")
    if which is None:
        raise MalformedMessage("started, progressed, completed or aborted is wanted")
    return _NEWS[which](reported)


def _progressed(reported: hub.JobReported) -> News:
    return Progressed(_amount(reported.progressed.fraction, "fraction", 1.0))


def _completed(reported: hub.JobReported) -> News:
    done = reported.completed
    if len(done.measurements) > _MEASUREMENTS_MAX:
        raise MalformedMessage(f"{len(done.measurements)} measurements; {_MEASUREMENTS_MAX} are the most")
    return Completed(
        used_g=_amount(done.used_g, "used_g", _AMOUNT_MAX),
        machine_minutes=_amount(done.machine_minutes, "machine_minutes", _AMOUNT_MAX),
        program_sha256=_text(done.program_sha256),
        measurements=tuple(_measured(each) for each in done.measurements),
    )


def _aborted(reported: hub.JobReported) -> News:
    reason = reported.aborted.reason
    return Aborted(Reason(_text(reason.code)[:64] or "unknown", _text(reason.detail)))


_NEWS: dict[str, Callable[[hub.JobReported], News]] = {
    "started": lambda _: Started(),
    "progressed": _progressed,
    "completed": _completed,
    "aborted": _aborted,
}


def _measured(each: types.Measurement) -> Measured:
    if not math.isfinite(each.value):
        raise MalformedMessage(f"{each.characteristic}: {each.value} is no measurement")
    return Measured(
        part_id=_id(each.part_id, "part_id"),
        characteristic=_text(each.characteristic),
        value=each.value,
        unit=_text(each.unit),
        instrument=_text(each.instrument),
    )


def _id(text: str, what: str) -> str:
    if not _ID.fullmatch(text):
        raise MalformedMessage(f"{what}: letters, digits, - and _ only, 64 at the most")
    return text


def _token(number: int) -> int:
    if not 1 <= number <= _TOKEN_MAX:
        raise MalformedMessage("fencing_token: tokens are counted from 1")
    return number


def _amount(number: float, what: str, most: float) -> float:
    if not 0 <= number <= most:  # false for NaN too
        raise MalformedMessage(f"{what}: {number}; 0 to {most:g} is wanted")
    return number


def _text(text: str) -> str:
    """Words of a hub, shortened, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text[:_TEXT_MAX])


def _moment(reported: hub.JobReported) -> datetime:
    """When it happened by the hub's clock; now where it does not say."""
    if not reported.HasField("at"):
        return datetime.now(UTC)
    try:
        return reported.at.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedMessage(f"at: {error}") from error


# -- said -----------------------------------------------------------------------------------------------------------


def job_offered(job: JobOrder, making: Making) -> tuple[str, str, Message]:
    """The offer to the holder of the lease: its subject, its id and the message."""
    assert job.lease is not None
    assert job.program is not None
    holder, program = job.lease.holder, job.program
    message = hub.JobOffered(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
        part_ids=job.requirements.part_ids,
        material_id=job.requirements.material_id,
        program_sha256=program.sha256,
        program_bytes=program.bytes,
        minutes=program.minutes,
        placements=[Placement(matrix=each) for each in making.placements],
        characteristics=[_characteristic(each) for each in making.characteristics],
    )
    return hub_jobs(holder.hub_id, holder.machine_id), f"{job.id}-{holder.token}", message


def claim_granted(asked: ClaimAsked, grant: Grant) -> bytes:
    """The answer to a claim that is granted."""
    message = hub.ClaimDecided(
        granted=True,
        fencing_token=grant.token,
        lease_s=grant.lease_s,
        program_url=grant.program_url,
        program_sha256=grant.program_sha256,
        download_key=grant.download_key,
    )
    return _answer(message, asked, asked.job_order_id)


def claim_refused(asked: ClaimAsked | None, why: str) -> bytes:
    """The answer to a claim that is refused, or to what is no claim."""
    message = hub.ClaimDecided(granted=False, fencing_token=asked.holder.token if asked else 0, why=why)
    return _answer(message, asked, asked.job_order_id if asked else "unknown")


def heartbeat_answered(heard: HeartbeatHeard, answer: Answer, lease_s: float, interval_s: float) -> bytes:
    """Which leases are renewed and which are lost."""
    message = hub.HeartbeatAnswered(
        renewed=[
            hub.LeaseRenewed(job_order_id=job.id, fencing_token=job.token, lease_s=lease_s) for job in answer.renewed
        ],
        lost=[
            hub.LeaseLost(job_order_id=each.job_order_id, fencing_token=each.token, why=each.why)
            for each in answer.lost
        ],
        heartbeat_interval_s=interval_s,
    )
    return _answer(message, heard, heard.hub_id)


def _answer(message: Message, said: Said | None, subject: str) -> bytes:
    causation = said.envelope.id if said else ""
    return to_json(seal(message, source="routing", subject=subject, causation_id=causation), message)


def _characteristic(each: Characteristic) -> types.Characteristic:
    message = types.Characteristic(
        name=each.name,
        nominal=each.nominal,
        upper=each.upper,
        lower=each.lower,
        unit=each.unit,
        instrument=each.instrument,
        feature=each.feature,
    )
    setattr(message, "class", each.grade)
    if each.at_mm is not None:
        message.at.x_mm, message.at.y_mm, message.at.z_mm = each.at_mm
    return message
