"""Declared parameters meet their bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.domain.errors import DesignRefused
from catalog.domain.parameters import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TUPLE,
    Bounds,
    Declared,
    merge,
    sample_configurations,
)

NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


def one(kind: str, default: Any, **bounds: Any) -> Any:
    (parameter,) = merge([Declared("p", kind, default)], {"p": Bounds("parameters.p", **bounds)})
    return parameter


def refusal(kind: str, default: Any, **bounds: Any) -> str:
    with pytest.raises(DesignRefused) as refused:
        one(kind, default, **bounds)
    return refused.value.code


def test_without_bounds_a_parameter_is_not_adjustable() -> None:
    (parameter,) = merge([Declared("p", NUMBER, 3.0)], {})
    assert not parameter.adjustable
    assert not one(NUMBER, 3.0, help="Nobody may set it.").adjustable


def test_bounds_of_a_parameter_that_is_not_declared_are_refused() -> None:
    with pytest.raises(DesignRefused) as refused:
        merge([Declared("p", NUMBER, 3.0)], {"q": Bounds("parameters.q")})
    assert (refused.value.code, refused.value.at) == ("unknown-parameter", "parameters.q")


def test_the_scripts_order_is_kept() -> None:
    declared = [Declared(name, NUMBER, 1.0) for name in "zab"]
    assert [each.name for each in merge(declared, {"a": Bounds("a", 0.0, 2.0)})] == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("kind", "default", "bounds"),
    [
        (NUMBER, 5.0, {"min": 6.0, "max": 7.0}),
        (NUMBER, 5.0, {"min": 0.0, "max": 4.9}),
        (NUMBER, 5.0, {"min": 9.0, "max": 1.0}),
        (NUMBER, 5.0, {"min": 1.0}),
        (NUMBER, 5.0, {"max": 9.0}),
        (NUMBER, 5.0, {"step": 1.0}),
        (NUMBER, 5.0, {"min": 0.0, "max": 9.0, "step": 0.0}),
        (NUMBER, 5.0, {"min": 0.0, "max": 9.0, "step": -1.0}),
        (NUMBER, 5.0, {"min": 0.0, "max": 9.0, "step": 0.3}),
        (NUMBER, 5.0, {"min": 0.0, "max": 9.0, "choices": (5.0,)}),
        (NUMBER, 5.0, {"choices": (4.0, 6.0)}),
        (NUMBER, 5.0, {"choices": (5.0, 5)}),
        (NUMBER, 5.0, {"choices": (5.0, "6")}),
        (NUMBER, 5.0, {"choices": (5.0, True)}),
        (INTEGER, 5, {"min": 0.5, "max": 9.0}),
        (INTEGER, 5, {"min": 0.0, "max": 9.0, "step": 0.5}),
        (INTEGER, 5, {"choices": (5, 6.5)}),
        (TEXT, "a", {"min": 0.0, "max": 1.0}),
        (TEXT, "a", {"choices": ("b",)}),
        (BOOLEAN, True, {"min": 0.0, "max": 1.0}),
        (BOOLEAN, True, {"choices": (False,)}),
        (BOOLEAN, True, {"choices": (0, 1)}),
        (TUPLE, (1.0, 2.0), {"choices": ((1.0, 2.0), (1.0,))}),
        (TUPLE, (1.0, 2.0), {"choices": ((3.0, 2.0),)}),
        (TUPLE, (1.0, 2.0), {"min": 0.0, "max": 3.0}),
    ],
)
def test_bounds_that_make_no_sense_are_refused(kind: str, default: Any, bounds: dict[str, Any]) -> None:
    assert refusal(kind, default, **bounds) == "bad-bounds"


def test_choices_make_adjustable() -> None:
    assert one(TEXT, "a", choices=("a", "b")).adjustable
    assert one(TUPLE, [1.0, 2.0], choices=((1.0, 2.0), (2.0, 2.0))).default == (1.0, 2.0)
    assert one(NUMBER, 5, choices=(5.0, 7.5)).adjustable


def test_a_boolean_has_its_bounds_by_nature() -> None:
    parameter = one(BOOLEAN, True, help="With a lid.")
    assert (parameter.adjustable, parameter.choices) == (True, (False, True))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_what_is_adjustable_has_its_default_within(default: float, low: float, high: float) -> None:
    try:
        parameter = one(NUMBER, default, min=low, max=high)
    except DesignRefused:
        assert not low <= default <= high
    else:
        assert parameter.min <= parameter.default <= parameter.max


@given(st.integers(-1000, 1000), st.integers(1, 200), st.integers(0, 500), st.integers(0, 500))
def test_a_default_on_the_grid_is_accepted_and_one_between_is_not(low: int, tenths: int, steps: int, more: int) -> None:
    step, low_bound = tenths / 10, low / 10
    high = low_bound + (steps + more + 1) * step
    parameter = one(NUMBER, low_bound + steps * step, min=low_bound, max=high, step=step)
    assert parameter.adjustable
    between = low_bound + (steps + 0.5) * step
    assume(between < high)
    assert refusal(NUMBER, between, min=low_bound, max=high, step=step) == "bad-bounds"


def test_samples_are_the_defaults_and_the_ends() -> None:
    declared = [Declared("a", NUMBER, 2.0), Declared("b", TEXT, "x"), Declared("c", NUMBER, 9.0)]
    bounds = {"a": Bounds("a", 1.0, 3.0), "b": Bounds("b", choices=("x", "y"))}
    samples = list(sample_configurations(merge(declared, bounds)))
    assert samples[0] == {"a": 2.0, "b": "x", "c": 9.0}
    assert {"a": 1.0, "b": "x", "c": 9.0} in samples
    assert {"a": 3.0, "b": "y", "c": 9.0} in samples
    assert len(samples) == 7
