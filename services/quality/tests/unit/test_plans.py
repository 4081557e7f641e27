"""Bounds, slips of the decimal point, rules and plans."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.errors import BadInspection
from quality.domain.plans import (
    Characteristic,
    InspectionPlan,
    Rule,
    check_characteristics,
    evaluate_rules,
    read_parameters,
)

DIAMETER = Characteristic("Diameter", 36.0, 36.4, 35.6, "mm", feature="extent-x")


@st.composite
def characteristics(draw: st.DrawFn) -> Characteristic:
    nominal = draw(st.integers(1, 200_000)) / 1000
    above, below = draw(st.integers(0, 2000)) / 1000, draw(st.integers(0, 2000)) / 1000
    return Characteristic("C", nominal, nominal + above, nominal - below, "mm")


@given(characteristics(), st.sampled_from([0, 1]))
def test_the_bounds_themselves_are_acceptable(each: Characteristic, side: int) -> None:
    bound = round((each.upper, each.lower)[side], 3)
    assert each.is_within(bound)
    outside = bound + (0.001, -0.001)[side]
    assert not each.is_within(outside)


@given(characteristics(), st.floats(-1e6, 1e6))
def test_what_is_acceptable_is_never_asked_back(each: Characteristic, value: float) -> None:
    assert not (each.is_within(value) and each.looks_mistyped(value))


@given(st.integers(10_000, 200_000), st.sampled_from([0.01, 0.1, 10, 100, -1]))
def test_a_slipped_point_is_seen(thousandths: int, factor: float) -> None:
    nominal = thousandths / 1000
    each = Characteristic("C", nominal, nominal + 0.5, nominal - 0.5, "mm")
    assert each.looks_mistyped(nominal * factor)
    assert not each.looks_mistyped(nominal * 1.3)


def test_a_nominal_of_nought_is_judged_by_its_bounds() -> None:
    flatness = Characteristic("Flatness", 0.0, 0.2, 0.0, "mm")
    assert flatness.looks_mistyped(2.0)
    assert not flatness.looks_mistyped(0.3)


def test_features_and_what_is_critical_must_be_measured() -> None:
    assert DIAMETER.must_be_measured
    assert not replace(DIAMETER, feature="").must_be_measured
    assert replace(DIAMETER, feature="", class_="critical").must_be_measured


@pytest.mark.parametrize(
    "wrong",
    [
        [replace(DIAMETER, nominal=math.nan)],
        [replace(DIAMETER, upper=math.inf)],
        [replace(DIAMETER, lower=36.5)],
        [replace(DIAMETER, name="")],
        [DIAMETER, DIAMETER],
    ],
)
def test_characteristics_without_a_range_or_name_are_refused(wrong: list[Characteristic]) -> None:
    with pytest.raises(BadInspection):
        check_characteristics(wrong)


def test_rules_become_absolute() -> None:
    rule = Rule("Bore", "d + 0.2", 0.3, -0.1, "mm", "plug gauge", "critical", "bore", ("0", "d", "d / 2"))
    (found,) = evaluate_rules([rule], {"d": 6, "label": "x"})
    assert (found.nominal, found.at_mm) == (6.2, (0.0, 6.0, 3.0))
    assert (found.upper, found.lower) == pytest.approx((6.5, 6.1))
    check_characteristics([found])
    with pytest.raises(BadInspection):
        evaluate_rules([replace(rule, nominal="label")], {"label": "x"})


@pytest.mark.parametrize("text", ["", "[", "[]", "1", "[" * 100_000])
def test_parameters_are_a_json_object(text: str) -> None:
    assert read_parameters('{"d": 1}') == {"d": 1}
    with pytest.raises(BadInspection):
        read_parameters(text)


def test_a_plans_hash_sees_its_content_and_not_its_id() -> None:
    plan = InspectionPlan("1", "v", "{}", (DIAMETER,))
    assert replace(plan, id="2").content_sha256() == plan.content_sha256()
    others = [
        replace(plan, version_id="w"),
        replace(plan, parameters_json='{"d":1}'),
        replace(plan, characteristics=(replace(DIAMETER, upper=36.5),)),
    ]
    assert len({each.content_sha256() for each in (plan, *others)}) == 4
