"""A design's parameters: what its script declares, bounded by what design.toml says of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.domain.errors import DesignRefused
from catalog.domain.reading import Table

NUMBER, INTEGER, TEXT, BOOLEAN, TUPLE = "number", "integer", "text", "boolean", "tuple"
_ON_GRID = 1e-6


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter as the script declares it; `default` is a JSON value."""

    name: str
    kind: str
    default: Any


@dataclass(frozen=True, slots=True)
class Bounds:
    """What design.toml says of a parameter. `place` is where it says so."""

    place: str
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared, bounded input of a design. One that is not adjustable stays at its default."""

    name: str
    kind: str
    default: Any
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    help: str = ""
    adjustable: bool = False


def read_bounds(table: Table) -> Bounds:
    """One `[parameters.NAME]`."""
    choices = tuple(
        tuple(choice) if isinstance(choice, list) else choice
        for choice in (_scalar(table, choice) for choice in table.list_of("choices"))
    )
    bounds = Bounds(
        table.at,
        table.number("min"),
        table.number("max"),
        table.number("step"),
        choices,
        table.text("unit", most=20),
        table.text("help", most=500),
    )
    table.finish()
    return bounds


def _scalar(table: Table, choice: Any) -> Any:
    if isinstance(choice, list) and len(choice) <= 10:
        return [table.finite("choices", entry) for entry in choice]
    if isinstance(choice, bool):
        return choice
    if isinstance(choice, str) and len(choice) <= 100 and choice.isprintable():
        return choice
    table.finite("choices", choice)
    return choice


def merge(declared: Sequence[Declared], bounds: Mapping[str, Bounds]) -> tuple[Parameter, ...]:
    """The parameters in the script's order. Raises DesignRefused `unknown-parameter` or `bad-bounds`."""
    names = [each.name for each in declared]
    for name, each in bounds.items():
        if name not in names:
            known = ", ".join(names) or "none"
            raise DesignRefused(
                "unknown-parameter", f"the script declares no such parameter; it has: {known}", each.place
            )
    return tuple(_bound(each, bounds.get(each.name)) for each in declared)


def _bound(declared: Declared, bounds: Bounds | None) -> Parameter:
    default = tuple(declared.default) if declared.kind == TUPLE else declared.default
    if bounds is None:
        return Parameter(declared.name, declared.kind, default)
    choices = bounds.choices
    if declared.kind == BOOLEAN and not choices:
        choices = (False, True)
    limited = bounds.min is not None or bounds.max is not None or bounds.step is not None
    if limited and choices:
        raise DesignRefused("bad-bounds", "either choices or min, max and step", bounds.place)
    if limited:
        _check_range(declared, bounds)
    if choices:
        _check_choices(declared, default, choices, bounds.place)
    return Parameter(
        declared.name,
        declared.kind,
        default,
        bounds.min,
        bounds.max,
        bounds.step,
        choices,
        bounds.unit,
        bounds.help,
        adjustable=bool(limited or choices),
    )


def _check_range(declared: Declared, bounds: Bounds) -> None:
    low, high, step, place = bounds.min, bounds.max, bounds.step, bounds.place
    if declared.kind not in {NUMBER, INTEGER}:
        raise DesignRefused("bad-bounds", f"min, max and step are for numbers; this is a {declared.kind}", place)
    if low is None or high is None or low > high:
        raise DesignRefused("bad-bounds", "min and max belong together, and min is not above max", place)
    if declared.kind == INTEGER and any(value is not None and not value.is_integer() for value in (low, high, step)):
        raise DesignRefused("bad-bounds", "the bounds of an integer are integers", place)
    if not low <= declared.default <= high:
        raise DesignRefused("bad-bounds", f"the default {declared.default} is outside {low:g} to {high:g}", place)
    if step is not None:
        if step <= 0:
            raise DesignRefused("bad-bounds", "a step is above 0", place)
        steps = (declared.default - low) / step
        if abs(steps - round(steps)) > _ON_GRID * max(1.0, abs(steps)):
            detail = f"the default {declared.default} is no whole number of steps of {step:g} from {low:g}"
            raise DesignRefused("bad-bounds", detail, place)


def _check_choices(declared: Declared, default: Any, choices: tuple[Any, ...], place: str) -> None:
    for choice in choices:
        if not _is_of(declared.kind, choice) or (isinstance(choice, tuple) and len(choice) != len(default)):
            raise DesignRefused("bad-bounds", f"{choice!r} is no {declared.kind} like the default {default!r}", place)
    if len(set(choices)) != len(choices):
        raise DesignRefused("bad-bounds", "a choice stands there twice", place)
    if default not in choices:
        raise DesignRefused("bad-bounds", f"the default {default!r} is not among the choices", place)


def _is_of(kind: str, value: Any) -> bool:
    if kind == BOOLEAN:
        return isinstance(value, bool)
    if kind == INTEGER:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, {TEXT: str, TUPLE: tuple}.get(kind, ()))


def sample_configurations(parameters: Sequence[Parameter]) -> Iterator[dict[str, Any]]:
    """Configurations at which whatever is computed from parameters is tried: the defaults, each end of each
    parameter alone, and all lower and all upper ends together.
    """
    defaults = {each.name: each.default for each in parameters}
    ends = {each.name: _ends(each) for each in parameters if each.adjustable}
    yield defaults
    for name, (low, high) in ends.items():
        yield defaults | {name: low}
        yield defaults | {name: high}
    yield defaults | {name: low for name, (low, _) in ends.items()}
    yield defaults | {name: high for name, (_, high) in ends.items()}


def _ends(parameter: Parameter) -> tuple[Any, Any]:
    if parameter.choices:
        return min(parameter.choices), max(parameter.choices)
    return parameter.min, parameter.max
