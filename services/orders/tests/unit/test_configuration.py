from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.domain.configuration import canonical_json, configure
from orders.domain.designs import Parameter
from orders.domain.errors import Unacceptable

SIZE = Parameter("size", "number", 10.0, min=0.1, max=60.0, step=0.1, unit="mm")
COUNT = Parameter("count", "integer", 3, min=1, max=9)
LABEL = Parameter("label", "text", "A", choices=("A", "B"))
ROUND = Parameter("round", "boolean", False, choices=(False, True))
HOLES = Parameter("holes", "tuple", [1, 2], choices=([1, 2], [3, 4]))
FIXED = Parameter("fixed", "number", 2.5, adjustable=False)
FREE = Parameter("free", "text", "hello")
ALL = (SIZE, COUNT, LABEL, ROUND, HOLES, FIXED, FREE)


def fault(**given_values):
    with pytest.raises(Unacceptable) as caught:
        configure(ALL, given_values)
    return caught.value


def test_what_is_not_given_has_its_default():
    assert canonical_json(configure(ALL, {"count": 4})) == (
        '{"count":4,"fixed":2.5,"free":"hello","holes":[1,2],"label":"A","round":false,"size":10}'
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"size": 5}, {"size": 5.0}),
        ({"size": 0.3}, {"size": 0.1 + 0.2}),
        ({"count": 4}, {"count": 4.0}),
        ({"fixed": 2.5}, {}),
        ({"holes": [3.0, 4]}, {"holes": [3, 4]}),
    ],
)
def test_equal_configurations_are_spelled_alike(one, other):
    assert canonical_json(configure(ALL, one)) == canonical_json(configure(ALL, other))


@pytest.mark.parametrize(
    ("given_values", "code"),
    [
        ({"size": 0.05}, "parameter-out-of-bounds"),
        ({"size": 60.1}, "parameter-out-of-bounds"),
        ({"size": 10.05}, "parameter-out-of-bounds"),
        ({"size": "10"}, "parameter-wrong-kind"),
        ({"size": None}, "parameter-wrong-kind"),
        ({"size": [10]}, "parameter-wrong-kind"),
        ({"size": math.inf}, "parameter-wrong-kind"),
        ({"size": math.nan}, "parameter-wrong-kind"),
        ({"size": 10**30}, "parameter-wrong-kind"),
        ({"count": 2.5}, "parameter-wrong-kind"),
        ({"count": True}, "parameter-wrong-kind"),
        ({"count": 10}, "parameter-out-of-bounds"),
        ({"label": "C"}, "parameter-out-of-bounds"),
        ({"label": 1}, "parameter-wrong-kind"),
        ({"round": 1}, "parameter-wrong-kind"),
        ({"round": "yes"}, "parameter-wrong-kind"),
        ({"holes": [1]}, "parameter-wrong-kind"),
        ({"holes": [1, "2"]}, "parameter-wrong-kind"),
        ({"holes": [1, 4]}, "parameter-out-of-bounds"),
        ({"fixed": 3}, "parameter-not-adjustable"),
        ({"free": "a\x00b"}, "parameter-out-of-bounds"),
        ({"free": "x" * 201}, "parameter-out-of-bounds"),
        ({"colour": "red"}, "unknown-parameter"),
    ],
)
def test_what_is_wrong_has_a_code(given_values, code):
    assert fault(**given_values).code == code


def test_a_fault_says_what_would_be_right():
    (error,) = fault(size=10.05).facts["errors"]
    assert error["detail"] == "size goes in steps of 0.1 mm from 0.1; near 10.05: 10, 10.1"
    assert (error["min"], error["max"], error["step"], error["unit"]) == (0.1, 60, 0.1, "mm")
    (error,) = fault(holes=[5, 6]).facts["errors"]
    assert error["choices"] == [[1, 2], [3, 4]]
    (error,) = fault(size=59.95).facts["errors"]
    assert error["detail"].endswith("near 59.95: 59.9, 60")


def test_a_step_without_bounds_counts_from_the_default():
    free = Parameter("x", "number", 1.0, step=0.25)
    assert configure((free,), {"x": -0.5}) == {"x": -0.5}
    with pytest.raises(Unacceptable, match=r"from 1; near -0\.4: -0\.5, -0\.25"):
        configure((free,), {"x": -0.4})


@given(st.integers(1, 600))
def test_each_value_on_the_grid_is_taken_however_it_was_computed(tenths):
    added_up = math.fsum([0.1] * tenths)
    wanted = json.loads(canonical_json(configure(ALL, {"size": tenths / 10})))["size"]
    for value in (added_up, tenths * 0.1):
        if value <= 60.0:
            assert json.loads(canonical_json(configure(ALL, {"size": value})))["size"] == wanted


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([p.name for p in ALL]) | st.text(), _json, max_size=5))
def test_any_json_is_taken_whole_or_refused_with_codes(given_values):
    errors: list[dict] = []
    chosen = {}
    try:
        chosen = configure(ALL, given_values)
    except Unacceptable as refused:
        errors = refused.facts["errors"]
    if chosen:
        assert chosen.keys() == {parameter.name for parameter in ALL}
        spelled = canonical_json(chosen)
        assert canonical_json(configure(ALL, json.loads(spelled))) == spelled
    else:
        assert errors
        assert all(error["code"] and error["detail"] for error in errors)
