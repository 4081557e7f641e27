"""Full sets of values out of what was given."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabrication.domain.configurations import ConfigurationInvalid, Parameter, check_bounds, complete, deviations

PARAMETERS = (
    Parameter("diameter", "number", 36.0, min=20, max=60, step=0.5, adjustable=True),
    Parameter("grips", "integer", 10, min=6, max=12, step=2, adjustable=True),
    Parameter("label", "text", "A", choices=("A", "B"), adjustable=True),
    Parameter("lid", "boolean", False, choices=(False, True), adjustable=True),
    Parameter("holes", "tuple", (10.0, 20.0), min=5, max=30, adjustable=True),
    Parameter("wall", "number", 2.0),
)
DEFAULTS = {"diameter": 36, "grips": 10, "label": "A", "lid": False, "holes": (10, 20), "wall": 2}


def test_what_is_not_given_stays_at_its_default_and_whole_numbers_are_written_whole():
    assert complete(PARAMETERS, {}) == DEFAULTS
    values = complete(PARAMETERS, {"diameter": 40.0, "holes": [12.5, 20.0]})
    assert json.dumps([values["diameter"], values["holes"]]) == "[40, [12.5, 20]]"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"diameter": 40}, {"diameter": 40}),
        ({"diameter": 36}, {}),
        ({"diameter": 36.0, "lid": True}, {"lid": True}),
        ({"holes": [10, 21]}, {"holes": (10, 21)}),
    ],
)
def test_only_what_differs_is_handed_to_the_script(value, wanted):
    assert deviations(PARAMETERS, complete(PARAMETERS, value)) == wanted


@pytest.mark.parametrize(
    "value",
    [
        {"diameter": "40"},
        {"diameter": True},
        {"diameter": None},
        {"diameter": float("nan")},
        {"diameter": float("inf")},
        {"diameter": 1e10},
        {"grips": 7.5},
        {"label": 3},
        {"label": "x" * 201},
        {"label": "a\0b"},
        {"lid": 1},
        {"holes": 3},
        {"holes": [1]},
        {"holes": [1, 2, 3]},
        {"holes": [[1], 2]},
    ],
)
def test_a_value_of_another_kind_is_refused(value):
    with pytest.raises(ConfigurationInvalid) as refused:
        complete(PARAMETERS, value)
    assert refused.value.code == "invalid-parameter"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"diameter": 19.5}, "parameter-out-of-bounds"),
        ({"diameter": 60.5}, "parameter-out-of-bounds"),
        ({"diameter": 20.25}, "parameter-out-of-bounds"),
        ({"grips": 7}, "parameter-out-of-bounds"),
        ({"label": "C"}, "parameter-out-of-bounds"),
        ({"holes": [4, 20]}, "parameter-out-of-bounds"),
        ({"wall": 3}, "parameter-not-adjustable"),
    ],
)
def test_a_value_that_the_design_does_not_offer_is_refused(value, code):
    with pytest.raises(ConfigurationInvalid) as refused:
        check_bounds(PARAMETERS, complete(PARAMETERS, value))
    assert refused.value.code == code


@pytest.mark.parametrize("value", [{}, {"diameter": 20.5}, {"grips": 12}, {"label": "B"}, {"wall": 2.0}])
def test_a_value_that_the_design_offers_is_taken(value):
    check_bounds(PARAMETERS, complete(PARAMETERS, value))


def test_a_name_that_is_none_is_refused_with_those_that_are():
    with pytest.raises(ConfigurationInvalid, match="diameter, grips") as refused:
        complete(PARAMETERS, {"radius": 1})
    assert refused.value.code == "unknown-parameter"


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.from_type(object) | st.floats() | st.integers()))
def test_completing_what_is_complete_changes_nothing(given_values):
    try:
        values = complete(PARAMETERS, given_values)
    except ConfigurationInvalid:
        return
    assert complete(PARAMETERS, json.loads(json.dumps(values))) == values
