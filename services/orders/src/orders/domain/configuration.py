"""From the parameters that somebody gave to a full configuration, spelled in one way only."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from orders.domain.designs import Parameter, Value
from orders.domain.errors import bad_parameters

MAX_TEXT = 200
_EXACT = 2**53
_ON_STEP = Decimal("1e-9")
_PLURALS = {"number": "a number", "integer": "a whole number", "text": "a text", "boolean": "true or false"}


class _Fault(Exception):
    def __init__(self, code: str, detail: str, **right: Any) -> None:
        super().__init__(detail)
        self.entry = {"code": code, "detail": detail, **right}


def configure(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Value]:
    """The full configuration: what was given where that is allowed, the defaults elsewhere.

    Raises Unacceptable with every fault and what would be right: `unknown-parameter`, `parameter-not-adjustable`,
    `parameter-wrong-kind`, `parameter-out-of-bounds`.
    """
    known = {parameter.name: parameter for parameter in parameters}
    faults = [_unknown(name[:100], sorted(known)) for name in given if name not in known]
    chosen: dict[str, Value] = {}
    for name in sorted(known.keys() & given.keys()):
        try:
            chosen[name] = _checked(known[name], given[name])
        except _Fault as fault:
            faults.append(fault.entry)
    if faults:
        raise bad_parameters(faults)
    return {parameter.name: chosen.get(parameter.name, normal(parameter.default)) for parameter in parameters}


def canonical_json(configuration: Mapping[str, Value]) -> str:
    """The one spelling of a configuration: sorted keys, no spaces, whole numbers without a point."""
    return json.dumps(
        {name: normal(value) for name, value in configuration.items()},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def normal(value: Any) -> Value:
    """A value in its one form: 5.0 is 5, -0.0 is 0, tuples are lists."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, list | tuple):
        return [normal(each) for each in value]
    return value  # type: ignore[no-any-return]


def _unknown(name: str, known: list[str]) -> dict[str, Any]:
    detail = f"{name!r} is no parameter; known: {', '.join(known) or 'none'}"
    return {"code": "unknown-parameter", "detail": detail, "parameter": name, "known": known}


def _checked(parameter: Parameter, value: Any) -> Value:
    if _of_kind(parameter, value) and normal(value) == normal(parameter.default):
        return normal(parameter.default)
    if not parameter.adjustable:
        raise _Fault(
            "parameter-not-adjustable",
            f"{parameter.name} has no declared bounds and stays at {parameter.default!r}",
            parameter=parameter.name,
            default=normal(parameter.default),
        )
    if not _of_kind(parameter, value):
        wanted = _PLURALS.get(parameter.kind, f"a list of {_length(parameter)} values like {parameter.default!r}")
        raise _Fault("parameter-wrong-kind", f"{parameter.name} must be {wanted}", **_right(parameter))
    if parameter.choices:
        return _chosen(parameter, value)
    if parameter.kind in ("number", "integer"):
        return _within(parameter, value)
    if isinstance(value, list):
        return [_within(parameter, each) if _is_number(each) else each for each in value]
    if isinstance(value, str) and not _printable(value):
        raise _Fault(
            "parameter-out-of-bounds",
            f"{parameter.name} may have {MAX_TEXT} characters at the most and no control characters",
            **_right(parameter),
        )
    return normal(value)


def _of_kind(parameter: Parameter, value: Any) -> bool:
    match parameter.kind:
        case "boolean":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str)
        case "number":
            return _is_number(value)
        case "integer":
            return _is_number(value) and float(value).is_integer()
    default = parameter.default
    return (
        isinstance(value, list)
        and isinstance(default, list)
        and len(value) == len(default)
        and all(_alike(one, other) for one, other in zip(value, default, strict=True))
    )


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _EXACT and math.isfinite(value)


def _alike(one: Any, other: Any) -> bool:
    if _is_number(other):
        return _is_number(one)
    return type(one) is type(other) and (not isinstance(one, str) or _printable(one))


def _printable(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable()


def _chosen(parameter: Parameter, value: Any) -> Value:
    for choice in parameter.choices:
        if isinstance(choice, bool) == isinstance(value, bool) and normal(choice) == normal(value):
            return normal(choice)
    choices = ", ".join(json.dumps(normal(choice), ensure_ascii=False) for choice in parameter.choices)
    raise _Fault("parameter-out-of-bounds", f"{parameter.name} must be one of {choices}", **_right(parameter))


def _within(parameter: Parameter, value: float) -> Value:
    low, high = parameter.min, parameter.max
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = " and ".join(
            text
            for text in (
                None if low is None else f"at least {normal(low)}",
                None if high is None else f"at most {normal(high)}",
            )
            if text
        )
        raise _Fault(
            "parameter-out-of-bounds", f"{parameter.name} must be {bounds}{_unit(parameter)}", **_right(parameter)
        )
    return _on_step(parameter, value)


def _on_step(parameter: Parameter, value: float) -> Value:
    """The value snapped to its grid, which begins at `min` (without one: at the default)."""
    if not parameter.step:
        return normal(value)
    origin = parameter.min if parameter.min is not None else parameter.default
    begin, step = Decimal(repr(origin)), Decimal(repr(parameter.step))
    exact = (Decimal(repr(value)) - begin) / step
    count = exact.to_integral_value()
    if abs(exact - count) > _ON_STEP:
        below = begin + step * exact.to_integral_value(ROUND_FLOOR)
        beside = [float(each) for each in (below, below + step)]
        nearest = [str(normal(each)) for each in beside if parameter.max is None or each <= parameter.max]
        raise _Fault(
            "parameter-out-of-bounds",
            f"{parameter.name} goes in steps of {normal(parameter.step)}{_unit(parameter)} from {normal(origin)}; "
            f"near {value}: {', '.join(nearest)}",
            **_right(parameter),
        )
    return normal(float(begin + step * count))


def _unit(parameter: Parameter) -> str:
    return f" {parameter.unit}" if parameter.unit else ""


def _length(parameter: Parameter) -> int:
    return len(parameter.default) if isinstance(parameter.default, list) else 0


def _right(parameter: Parameter) -> dict[str, Any]:
    """What would be right, for programs."""
    right = {
        "parameter": parameter.name,
        "kind": parameter.kind,
        "min": normal(parameter.min),
        "max": normal(parameter.max),
        "step": normal(parameter.step),
        "choices": [normal(choice) for choice in parameter.choices] or None,
        "unit": parameter.unit or None,
    }
    return {name: value for name, value in right.items() if value is not None}
