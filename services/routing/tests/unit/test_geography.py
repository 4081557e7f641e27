"""Great circles, against known distances."""

import pytest

from routing.domain.geography import Place


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        (Place(0, 0), Place(0, 1), 111.195),
        (Place(90, 0), Place(-90, 77), 20015.115),
        (Place(53.5511, 9.9937), Place(52.5200, 13.4050), 255.3),
        (Place(0, 179.5), Place(0, -179.5), 111.195),
        (Place(53.55, 9.99), Place(53.55, 9.99), 0.0),
    ],
)
def test_distances(a, b, km):
    assert a.distance_km(b) == pytest.approx(km, rel=1e-3, abs=1e-9)
    assert b.distance_km(a) == a.distance_km(b)
