from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.expressions import ExpressionError, evaluate

NAMES = {"outer": 32.0, "wall": 2, "flag": True, "name": "x"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("32.5", 32.5),
        ("outer - 2 * wall", 28.0),
        ("-outer", -32.0),
        ("min(outer, 10) / 4", 2.5),
        ("sqrt(outer * wall)", 8.0),
        ("outer * sin(30)", 16.0),
        ("outer // 5 + outer % 5", 8.0),
    ],
)
def test_arithmetic_over_parameters(text, value):
    assert math.isclose(evaluate(text, NAMES), value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "flag",
        "name",
        "1 / 0",
        "2 ** 9",
        "10 ** 10 ** 10",
        "outer.real",
        "__import__('os')",
        "[1, 2]",
        "(lambda: 1)()",
        "min()",
        "1e308 * 10",
        "sqrt(-1)",
        "True",
        "max(*[1])",
        "(" * 150,
        "1 +" * 80 + "1",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(ExpressionError):
        evaluate(text, NAMES)


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_otherwise(text):
    with contextlib.suppress(ExpressionError):
        assert math.isfinite(evaluate(text, NAMES))
