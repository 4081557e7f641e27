"""What is checked on a finished part: nominals as expressions of the parameters, tolerances, and how it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.domain.errors import DesignRefused
from catalog.domain.parameters import Parameter, sample_configurations
from catalog.domain.reading import Table
from chassis.expressions import ExpressionError, evaluate

CLASSES = ("critical", "major", "minor")
BORE = "bore"
UNIT_BY_FEATURE = {"extent-x": "mm", "extent-y": "mm", "extent-z": "mm", BORE: "mm", "mass": "g"}
UNITS = ("mm", "g", "deg")


@dataclass(frozen=True, slots=True)
class CharacteristicRule:
    """One characteristic of every part of a design.

    `upper` and `lower` are deviations from the nominal, lower ≤ 0 ≤ upper. `feature` says how it is measured; empty
    means by hand. `at` are x, y and z of a point on a bore's axis, as expressions, in mm of model coordinates.
    """

    name: str
    nominal: str
    upper: float
    lower: float
    unit: str
    instrument: str = ""
    class_: str = "major"
    feature: str = ""
    at: tuple[str, ...] = ()


def read_characteristic(table: Table) -> CharacteristicRule:
    """One `[[characteristics]]`."""
    rule = CharacteristicRule(
        name=table.text("name", required=True, most=100),
        nominal=_expression(table, "nominal"),
        upper=table.number("upper", required=True) or 0.0,
        lower=table.number("lower", required=True) or 0.0,
        unit=table.text("unit", required=True),
        instrument=table.text("instrument", most=100),
        class_=table.text("class", default="major"),
        feature=table.text("feature"),
        at=_axis(table),
    )
    table.finish()
    _check(rule, table)
    return rule


def _expression(table: Table, name: str) -> str:
    """An expression; a plain number is one too."""
    value = table.required(name)
    if isinstance(value, str):
        return table.text(name, required=True)
    return f"{table.finite(name, value):.12g}"


def _axis(table: Table) -> tuple[str, ...]:
    place = table.list_of("at")
    if not table.has("at") and not table.has("z"):
        return ()
    if len(place) != 2 or not table.has("z"):
        raise DesignRefused("bad-feature", 'a bore has `at = ["x", "y"]` and `z`', table.place("at"))
    point = Table({"x": place[0], "y": place[1]}, table.place("at"))
    return _expression(point, "x"), _expression(point, "y"), _expression(table, "z")


def _check(rule: CharacteristicRule, table: Table) -> None:
    if not rule.lower <= 0 <= rule.upper or rule.lower == rule.upper:
        raise DesignRefused("bad-tolerance", "lower ≤ 0 ≤ upper is wanted, and not both 0", table.at)
    if rule.class_ not in CLASSES:
        raise DesignRefused("bad-class", f"one of {', '.join(CLASSES)} is wanted", table.place("class"))
    if rule.feature and rule.feature not in UNIT_BY_FEATURE:
        known = ", ".join(UNIT_BY_FEATURE)
        raise DesignRefused("bad-feature", f"one of {known} is wanted, or none: by hand", table.place("feature"))
    units = (UNIT_BY_FEATURE[rule.feature],) if rule.feature else UNITS
    if rule.unit not in units:
        raise DesignRefused("bad-unit", f"{' or '.join(units)} is wanted", table.place("unit"))
    if (rule.feature == BORE) is not bool(rule.at):
        wanted = "a bore has `at` and `z`" if rule.feature == BORE else "`at` and `z` are for bores"
        raise DesignRefused("bad-feature", wanted, table.at)


def check_names(rules: Sequence[CharacteristicRule]) -> None:
    """Measurements name their characteristic, so no two may be called the same."""
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise DesignRefused("duplicate-name", f"two characteristics are called {name!r}", "characteristics")


def check_expressions(rules: Sequence[CharacteristicRule], parameters: Sequence[Parameter]) -> None:
    """Evaluate everything over the defaults and the ends of the parameters. Raises DesignRefused `bad-expression`."""
    for configuration in sample_configurations(parameters):
        for number, rule in enumerate(rules):
            place = f"characteristics[{number}]"
            try:
                nominal = evaluate(rule.nominal, configuration)
                for expression in rule.at:
                    evaluate(expression, configuration)
            except ExpressionError as error:
                raise DesignRefused("bad-expression", f"{error} (with {_shown(configuration)})", place) from error
            if rule.feature and nominal <= 0:
                detail = f"the nominal {rule.nominal!r} is {nominal:g}, not above 0 (with {_shown(configuration)})"
                raise DesignRefused("bad-expression", detail, place)


def _shown(configuration: dict[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in configuration.items())[:300] or "no parameters"
