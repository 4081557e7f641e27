"""Decisions about parts and inspections, whatever is measured in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quality.domain.errors import BadInspection, InspectionDecided, LooksMistyped, MeasurementRefused
from quality.domain.inspections import ACCEPTED, FAILED, OPEN, PASSED, PENDING, Inspection, judge_part, new_parts
from quality.domain.measurements import Measurement, Reading, ask_back, check_reading
from quality.domain.plans import Characteristic, InspectionPlan

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MACHINE = Characteristic("Width", 20.0, 20.4, 19.6, "mm", feature="extent-x")
HAND_CRITICAL = Characteristic("Pin fit", 4.0, 4.1, 3.9, "mm", class_="critical")
HAND_MINOR = Characteristic("Look", 1.0, 2.0, 0.0, "mm", class_="minor")
PLAN = InspectionPlan("plan", "version", "{}", (MACHINE, HAND_CRITICAL, HAND_MINOR))
GOOD = {"Width": 20.1, "Pin fit": 4.0, "Look": 1.5}
BAD = {"Width": 21.0, "Pin fit": 4.3, "Look": 2.5}


def measurement(part: str, name: str, value: float) -> Measurement:
    return Measurement("id", part, name, value, "mm", "caliper", "", "technician", "key", NOW)


def inspection(parts: list[str]) -> Inspection:
    return Inspection("i", "order", "job", "hub", "machine", "sha", PLAN, NOW, new_parts(parts))


@given(st.dictionaries(st.sampled_from(list(GOOD)), st.booleans()))
def test_a_part_is_judged_by_what_is_known_of_it(known: dict[str, bool]) -> None:
    found = {name: measurement("p", name, (GOOD if good else BAD)[name]) for name, good in known.items()}
    judged = judge_part("p", PLAN, found)
    if not all(known.values()):
        assert judged.decision == FAILED
        assert len(judged.reasons) == list(known.values()).count(False)
    elif {"Width", "Pin fit"} <= set(known):
        assert judged.decision == ACCEPTED
    else:
        assert judged.decision == PENDING
        assert set(judged.missing) == {"Width", "Pin fit"} - set(known)
    assert judged.unmeasured == (() if "Look" in known else ("Look",))


def test_a_plan_without_characteristics_accepts() -> None:
    assert judge_part("p", InspectionPlan("plan", "v", "{}", ()), {}).decision == ACCEPTED


def test_parts_are_there_and_each_once() -> None:
    assert [part.part_id for part in new_parts(["a", "b", "a"])] == ["a", "b"]
    with pytest.raises(BadInspection):
        new_parts([])


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (Reading("q", "Width", 20.0, "mm"), "unknown-part"),
        (Reading("p", "Depth", 20.0, "mm"), "unknown-characteristic"),
        (Reading("p", "Width", 20.0, "g"), "wrong-unit"),
        (Reading("p", "Width", float("nan"), "mm"), "not-finite"),
        (Reading("p", "Width", float("-inf"), "mm"), "not-finite"),
    ],
)
def test_a_reading_must_belong(reading: Reading, code: str) -> None:
    with pytest.raises(MeasurementRefused) as refused:
        check_reading(reading, PLAN, ["p"])
    assert refused.value.code == code


def test_a_reading_that_belongs_names_its_characteristic() -> None:
    reading = Reading("p", "Width", 2.0, "mm")
    assert check_reading(reading, PLAN, ["p"]) == MACHINE
    with pytest.raises(LooksMistyped):
        ask_back(reading, MACHINE)


class Measuring(RuleBasedStateMachine):
    """Technicians enter values in any order, also after the end; a model remembers the last of each."""

    @initialize(count=st.integers(1, 3))
    def open(self, count: int) -> None:
        self.parts = [f"p{n}" for n in range(count)]
        self.inspection = inspection(self.parts)
        self.last: dict[tuple[str, str], bool] = {}
        self.entered = 0

    @rule(part=st.integers(0, 2), name=st.sampled_from(list(GOOD)), good=st.booleans())
    def enter(self, part: int, name: str, good: bool) -> None:
        part_id = self.parts[part % len(self.parts)]
        before = self.inspection
        try:
            after = before.with_measurement(measurement(part_id, name, (GOOD if good else BAD)[name])).judged(NOW)
        except InspectionDecided:
            assert before.status != OPEN
            return
        assert before.status == OPEN
        self.inspection = after
        self.last[part_id, name] = good
        self.entered += 1

    @invariant()
    def nothing_that_was_entered_is_lost(self) -> None:
        assert len(self.inspection.measurements) == self.entered

    @invariant()
    def decisions_follow_from_the_last_values(self) -> None:
        if not self.entered:
            return
        for part in self.inspection.parts:
            known = {name: good for (part_id, name), good in self.last.items() if part_id == part.part_id}
            measured = {"Width", "Pin fit"} <= set(known)
            wanted = FAILED if not all(known.values()) else ACCEPTED if measured else PENDING
            assert part.decision == wanted
        decisions = {part.decision for part in self.inspection.parts}
        status = OPEN if PENDING in decisions else FAILED if FAILED in decisions else PASSED
        assert self.inspection.status == status
        assert (self.inspection.decided_at is None) is (status == OPEN)


TestMeasuring = Measuring.TestCase
