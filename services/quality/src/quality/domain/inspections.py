"""Judging the parts of one job order against their plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from quality.domain.errors import BadInspection, InspectionDecided
from quality.domain.measurements import Measurement, SetAside
from quality.domain.plans import InspectionPlan

OPEN, PASSED, FAILED = "open", "passed", "failed"
PENDING, ACCEPTED = "pending", "accepted"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a part failed: a stable code, and words with the value and its bounds."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PartJudgement:
    """What is decided of one part: pending, accepted or failed. `missing` are the characteristics that wait for a
    value; `unmeasured` those that were accepted without one.
    """

    part_id: str
    decision: str = PENDING
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """The parts of one job order, what was measured on them in the order of entry, and what is decided of each."""

    id: str
    order_id: str
    job_order_id: str
    hub_id: str
    machine_id: str
    program_sha256: str
    plan: InspectionPlan
    opened_at: datetime
    parts: tuple[PartJudgement, ...]
    measurements: tuple[Measurement, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    status: str = OPEN
    decided_at: datetime | None = None

    @property
    def part_ids(self) -> tuple[str, ...]:
        """The parts in the order of the command."""
        return tuple(part.part_id for part in self.parts)

    def parts_with(self, decision: str) -> tuple[PartJudgement, ...]:
        """The parts of one decision."""
        return tuple(part for part in self.parts if part.decision == decision)

    def with_measurement(self, measurement: Measurement) -> Inspection:
        """The inspection with one more value; the latest of a characteristic counts. Raises InspectionDecided."""
        if self.status != OPEN:
            detail = f"The inspection {self.status}; what was measured for it stays as it is."
            raise InspectionDecided("inspection-decided", detail)
        return replace(self, measurements=(*self.measurements, measurement))

    def judged(self, at: datetime) -> Inspection:
        """The inspection with each part judged anew; decided at `at` where no part is left pending."""
        current = latest(self.measurements)
        parts = tuple(judge_part(part.part_id, self.plan, current.get(part.part_id, {})) for part in self.parts)
        decisions = {part.decision for part in parts}
        if PENDING in decisions:
            return replace(self, parts=parts)
        return replace(self, parts=parts, status=FAILED if FAILED in decisions else PASSED, decided_at=at)


def new_parts(part_ids: Iterable[str]) -> tuple[PartJudgement, ...]:
    """The parts of a new inspection. Raises BadInspection where there are none."""
    parts = tuple(PartJudgement(part_id) for part_id in dict.fromkeys(part_ids))
    if not parts:
        raise BadInspection("no-parts", "there is no part to inspect")
    return parts


def latest(measurements: Iterable[Measurement]) -> dict[str, dict[str, Measurement]]:
    """By part and characteristic, the value that was entered last."""
    found: dict[str, dict[str, Measurement]] = {}
    for measurement in measurements:
        found.setdefault(measurement.part_id, {})[measurement.characteristic] = measurement
    return found


def judge_part(part_id: str, plan: InspectionPlan, found: Mapping[str, Measurement]) -> PartJudgement:
    """One value out of bounds fails a part. Without one it waits for what must be measured, and is accepted when all
    of that is there; what is measured by hand and not critical may be left out.
    """
    reasons: list[Reason] = []
    missing: list[str] = []
    unmeasured: list[str] = []
    for each in plan.characteristics:
        measurement = found.get(each.name)
        if measurement is None:
            (missing if each.must_be_measured else unmeasured).append(each.name)
        elif not each.is_within(measurement.value):
            detail = f"{each.name} is {measurement.value:.6g} {each.unit}; {each.bounds()} are acceptable"
            reasons.append(Reason("out-of-tolerance", detail))
    decision = FAILED if reasons else PENDING if missing else ACCEPTED
    return PartJudgement(part_id, decision, tuple(reasons), tuple(missing), tuple(unmeasured))


def reasons_of(parts: Iterable[PartJudgement]) -> tuple[Reason, ...]:
    """All reasons of the parts, each once."""
    return tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))


@dataclass(frozen=True, slots=True)
class Nonconformance:
    """A part that is not as it was ordered."""

    id: str
    inspection_id: str
    order_id: str
    job_order_id: str
    part_id: str
    hub_id: str
    machine_id: str
    reasons: tuple[Reason, ...]
    opened_at: datetime
