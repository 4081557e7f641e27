"""What is measured on the parts of one order: the design's rules with the order's parameters put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.expressions import ExpressionError, evaluate
from orders.domain.designs import CharacteristicRule, Value

_LEAST_TOLERANCE_MM = 0.5
_RELATIVE_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A dimension and its bounds; `upper` and `lower` are absolute. `at_mm`: a point on the axis of a bore."""

    name: str
    nominal: float
    upper: float
    lower: float
    unit: str
    instrument: str
    classed: str
    feature: str = ""
    at_mm: tuple[float, float, float] | None = None


class Unmeasurable(ValueError):
    """A rule has no value for this configuration."""


def characteristics(
    rules: Sequence[CharacteristicRule], configuration: Mapping[str, Value], extent_mm: tuple[float, float, float]
) -> tuple[Characteristic, ...]:
    """What the design asks for; without a word of it, the part's extents within 0.5 mm or 1 %, whichever is more.

    Raises Unmeasurable where a rule cannot be evaluated.
    """
    if rules:
        return tuple(_evaluated(rule, configuration) for rule in rules)
    return tuple(_extent(axis, size_mm) for axis, size_mm in zip("xyz", extent_mm, strict=True))


def _evaluated(rule: CharacteristicRule, configuration: Mapping[str, Value]) -> Characteristic:
    try:
        nominal = evaluate(rule.nominal, configuration)
        at = [evaluate(expression, configuration) for expression in rule.at]
    except ExpressionError as error:
        raise Unmeasurable(f"{rule.name}: {error}") from error
    return Characteristic(
        name=rule.name,
        nominal=nominal,
        upper=nominal + rule.upper,
        lower=nominal + rule.lower,
        unit=rule.unit,
        instrument=rule.instrument,
        classed=rule.classed,
        feature=rule.feature,
        at_mm=(at[0], at[1], at[2] if len(at) > 2 else 0.0) if len(at) >= 2 else None,
    )


def _extent(axis: str, size_mm: float) -> Characteristic:
    allowed = max(_LEAST_TOLERANCE_MM, _RELATIVE_TOLERANCE * size_mm)
    name = f"extent-{axis}"
    return Characteristic(name, size_mm, size_mm + allowed, size_mm - allowed, "mm", "caliper", "major", name)
