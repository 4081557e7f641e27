"""What is to be checked on the parts of one configuration of a design version, with absolute bounds."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chassis.expressions import ExpressionError, evaluate
from quality.domain.errors import BadInspection

CRITICAL = "critical"
_ROUNDING = 1e-9
"""Bounds are sums of decimals kept in binary: 36 + 0.4 must include 36.4."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One dimension of a part: `lower` ≤ value ≤ `upper`, absolute, in `unit` (mm, g or deg).

    `feature` names what the machine beside the part measures by itself; empty means by hand. `at_mm` is a point on a
    bore's axis in model coordinates.
    """

    name: str
    nominal: float
    upper: float
    lower: float
    unit: str
    instrument: str = ""
    class_: str = "major"
    feature: str = ""
    at_mm: tuple[float, float, float] | None = None

    @property
    def must_be_measured(self) -> bool:
        """What is measured by hand may be left out, unless it is critical."""
        return bool(self.feature) or self.class_ == CRITICAL

    def is_within(self, value: float) -> bool:
        """Whether a value is acceptable; the bounds are."""
        return self.lower - _ROUNDING <= value <= self.upper + _ROUNDING

    def deviation(self, value: float) -> float:
        """How far a value is from the nominal, in `unit`."""
        return round(value - self.nominal, 6)

    def looks_mistyped(self, value: float) -> bool:
        """Whether an unacceptable value is at least five times too large or too small, or has the wrong sign: then
        the decimal point slipped more likely than the process did.
        """
        if self.is_within(value):
            return False
        if self.nominal == 0:
            return abs(value) >= 5 * max(abs(self.upper), abs(self.lower))
        return not 0.2 < value / self.nominal < 5

    def bounds(self) -> str:
        """The acceptable range for people."""
        return f"{self.lower:.6g} to {self.upper:.6g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A characteristic before a configuration is chosen: expressions of the design's parameters, and deviations."""

    name: str
    nominal: str
    upper: float
    lower: float
    unit: str
    instrument: str
    class_: str
    feature: str
    at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InspectionPlan:
    """What is checked on each part of one configuration."""

    id: str
    version_id: str
    parameters_json: str
    characteristics: tuple[Characteristic, ...]

    def content_sha256(self) -> str:
        """The same for the same version, parameters and characteristics."""
        content = [self.version_id, self.parameters_json, [asdict(each) for each in self.characteristics]]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def characteristic(self, name: str) -> Characteristic | None:
        """The characteristic of that name."""
        return next((each for each in self.characteristics if each.name == name), None)


def check_characteristics(characteristics: Sequence[Characteristic]) -> None:
    """Raises BadInspection where bounds are no range or two characteristics have one name."""
    names = [each.name for each in characteristics]
    for each in characteristics:
        if not all(map(math.isfinite, (each.nominal, each.upper, each.lower))) or each.lower > each.upper:
            raise BadInspection("bad-characteristic", f"{each.name!r} has no range: {each.bounds()}")
        if not each.name or names.count(each.name) > 1:
            raise BadInspection("bad-characteristic", f"{each.name!r} does not name one characteristic")


def read_parameters(parameters_json: str) -> dict[str, Any]:
    """A configuration's parameters. Raises BadInspection where the text is no JSON object."""
    try:
        parameters = json.loads(parameters_json)
    except (ValueError, RecursionError) as error:
        raise BadInspection("bad-parameters", f"the parameters are no JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise BadInspection("bad-parameters", "the parameters are no JSON object")
    return parameters


def evaluate_rules(rules: Sequence[Rule], parameters: Mapping[str, Any]) -> tuple[Characteristic, ...]:
    """The characteristics of one configuration. Raises BadInspection where an expression has no value."""
    try:
        return tuple(_evaluate(rule, parameters) for rule in rules)
    except ExpressionError as error:
        raise BadInspection("bad-characteristic", str(error)) from error


def _evaluate(rule: Rule, parameters: Mapping[str, Any]) -> Characteristic:
    nominal = evaluate(rule.nominal, parameters)
    at = None
    if rule.at:
        x, y, z = (evaluate(expression, parameters) for expression in rule.at)
        at = (x, y, z)
    return Characteristic(
        name=rule.name,
        nominal=nominal,
        upper=nominal + rule.upper,
        lower=nominal + rule.lower,
        unit=rule.unit,
        instrument=rule.instrument,
        class_=rule.class_,
        feature=rule.feature,
        at_mm=at,
    )
