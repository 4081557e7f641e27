"""Copies on a plate: as many as fit, apart, inside, turned only where that is needed."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrication.domain.plate import Layout, Plate, placement

PLATE = Plate((5.0, 5.0), (245.0, 205.0), 6.0)


@given(width=st.floats(5, 240), depth=st.floats(5, 200), quantity=st.integers(1, 60), border=st.floats(0, 8))
@settings(max_examples=200, deadline=None)
def test_copies_are_apart_and_inside(width, depth, quantity, border):
    plate = Plate(PLATE.low_mm, PLATE.high_mm, 6.0, border)
    layout = plate.layout((width, depth), quantity)
    assert (layout is not None) == (plate.capacity((width, depth)) >= quantity)
    if layout is None:
        return
    x_size, y_size = (depth, width) if layout.turned else (width, depth)
    assert len(layout.centres_mm) == quantity
    for x, y in layout.centres_mm:
        assert plate.low_mm[0] - 0.01 <= x - x_size / 2 - border
        assert x + x_size / 2 + border <= plate.high_mm[0] + 0.01
        assert plate.low_mm[1] - 0.01 <= y - y_size / 2 - border
        assert y + y_size / 2 + border <= plate.high_mm[1] + 0.01
    for (ax, ay), (bx, by) in itertools.combinations(layout.centres_mm, 2):
        room = 2 * border + 6.0 - 0.01
        assert abs(ax - bx) >= x_size + room or abs(ay - by) >= y_size + room


def test_turned_only_where_only_that_fits():
    assert PLATE.layout((230, 30), 1) == Layout(False, ((125.0, 105.0),))
    turned = PLATE.layout((30, 230), 1)
    assert turned is not None
    assert turned.turned
    assert PLATE.layout((230, 230), 1) is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_placement_puts_the_base_down_and_the_middle_in_place(turned):
    low, high = (-4.0, -2.0, -1.5), (10.0, 8.0, 3.0)
    (matrix,) = placement(Layout(turned, ((50.0, 60.0),)), low, high)
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    x, y = (sum(matrix[row][axis] * middle[axis] for axis in range(3)) + matrix[row][3] for row in (0, 1))
    assert (x, y) == pytest.approx((50.0, 60.0), abs=1e-3)
    assert matrix[2] == (0.0, 0.0, 1.0, 1.5)
