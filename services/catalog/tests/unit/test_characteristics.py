"""Expressions are tried before anybody orders."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.characteristics import CharacteristicRule, check_expressions
from catalog.domain.errors import DesignRefused
from catalog.domain.parameters import NUMBER, TEXT, Parameter
from chassis.expressions import evaluate

PARAMETERS = (
    Parameter("width", NUMBER, 20.0, 10.0, 40.0, adjustable=True),
    Parameter("wall", NUMBER, 2.0, 1.0, 5.0, adjustable=True),
    Parameter("label", TEXT, "x"),
)


def rule(nominal: str, feature: str = "extent-x", at: tuple[str, ...] = ()) -> CharacteristicRule:
    return CharacteristicRule("Width", nominal, 0.3, -0.3, "mm", feature=feature, at=at)


@pytest.mark.parametrize("nominal", ["width", "width - 2 * wall", "sqrt(width) + 1", "max(width, wall)", "12.5"])
def test_arithmetic_over_the_parameters_is_accepted(nominal: str) -> None:
    check_expressions([rule(nominal)], PARAMETERS)


@pytest.mark.parametrize(
    "nominal",
    [
        "depth",
        "label",
        "width.real",
        "__import__('os')",
        "width +",
        "",
        "1 / (width - 20)",
        "1 / (width - 10)",
        "1 / (wall - 5)",
        "sqrt(3 - wall)",
        "width - 11",
        "-width",
        "9 ** 9",
        "width" + " + width" * 60,
    ],
)
def test_what_has_no_good_value_at_a_default_or_an_end_is_refused(nominal: str) -> None:
    with pytest.raises(DesignRefused) as refused:
        check_expressions([rule(nominal)], PARAMETERS)
    assert (refused.value.code, refused.value.at) == ("bad-expression", "characteristics[0]")


def test_what_is_measured_by_hand_may_be_nought() -> None:
    check_expressions([rule("0", feature="")], PARAMETERS)


def test_a_bores_place_is_tried_too() -> None:
    check_expressions([rule("wall", "bore", ("0", "-width", "0"))], PARAMETERS)
    with pytest.raises(DesignRefused):
        check_expressions([rule("wall", "bore", ("0", "depth", "0"))], PARAMETERS)


@given(st.floats(1, 50), st.floats(0, 50), st.integers(-5, 60))
def test_an_accepted_nominal_is_positive_at_every_end(low: float, span: float, off: int) -> None:
    parameters = (Parameter("a", NUMBER, low, low, low + span, adjustable=True),)
    nominal = f"a - {off}" if off >= 0 else f"a + {-off}"
    values: list[Any] = [evaluate(nominal, {"a": value}) for value in (low, low + span)]
    try:
        check_expressions([rule(nominal)], parameters)
    except DesignRefused:
        assert min(values) <= 0
    else:
        assert min(values) > 0
