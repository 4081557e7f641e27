import pytest

from orders.domain.characteristics import Unmeasurable, characteristics
from orders.domain.designs import CharacteristicRule


def rule(**changes):
    return CharacteristicRule(**({"name": "Bore", "nominal": "d + 1", "upper": 0.2, "lower": -0.1} | changes))


def test_bounds_are_absolute_and_points_evaluated():
    (found,) = characteristics([rule(feature="bore", at=("0", "d / 2", "3"))], {"d": 8}, (1, 1, 1))
    assert (found.nominal, found.upper, found.lower) == (9, 9.2, 8.9)
    assert found.at_mm == (0, 4, 3)


@pytest.mark.parametrize("wrong", [{"nominal": "1 / (d - 8)"}, {"nominal": "e"}, {"at": ("0", "sqrt(0 - d)", "1")}])
def test_a_rule_without_a_value_is_named(wrong):
    with pytest.raises(Unmeasurable, match="Bore: "):
        characteristics([rule(**wrong)], {"d": 8}, (1, 1, 1))


def test_without_rules_the_extents_are_measured_within_half_a_millimetre_or_a_hundredth():
    found = characteristics([], {}, (10, 50, 200))
    assert [(c.feature, c.lower, c.nominal, c.upper) for c in found] == [
        ("extent-x", 9.5, 10, 10.5),
        ("extent-y", 49.5, 50, 50.5),
        ("extent-z", 198, 200, 202),
    ]
