"""A design version as fabrication keeps it, and full sets of values for its parameters."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fabrication.domain.errors import FabricationError
from fabrication.domain.facts import ParameterValue

_STEP_TOLERANCE = 1e-6
MAX_TEXT = 200
MAX_NUMBER = 1e9


class ConfigurationInvalid(FabricationError):
    """Values that do not fit the parameters of the design. `code` is stable, the message says what would be right."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared input of a design; one that is not adjustable stays at its default."""

    name: str
    kind: str
    default: ParameterValue
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[ParameterValue, ...] = ()
    adjustable: bool = False


@dataclass(frozen=True, slots=True)
class DesignVersion:
    """What fabrication needs of one released version: its script, its parameters, whose it is."""

    version_id: str
    design_id: str
    slug: str
    version: int
    rights_holder_id: str
    model_source: str
    requires: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    materials: tuple[str, ...]
    withdrawn: bool = False


def complete(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, ParameterValue]:
    """Every parameter with its value, defaults filled in, 5.0 written as 5. Raises ConfigurationInvalid.

    It does not look at bounds: whoever accepted an order has done so.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise ConfigurationInvalid(
                "unknown-parameter", f"there is no parameter {name!r}; known: {', '.join(sorted(known)) or 'none'}"
            )
    return {name: _normal(parameter, given.get(name, parameter.default)) for name, parameter in known.items()}


def check_bounds(parameters: Sequence[Parameter], values: Mapping[str, ParameterValue]) -> None:
    """Raises ConfigurationInvalid unless each value is one that the design offers."""
    for parameter in parameters:
        value = values[parameter.name]
        if value == _normal(parameter, parameter.default):
            continue
        if not parameter.adjustable:
            raise ConfigurationInvalid("parameter-not-adjustable", f"{parameter.name} stays {parameter.default!r}")
        if parameter.choices and value not in [_normal(parameter, choice) for choice in parameter.choices]:
            offered = ", ".join(map(repr, parameter.choices))
            raise ConfigurationInvalid("parameter-out-of-bounds", f"{parameter.name} is one of {offered}")
        if not parameter.choices:
            for number in _numbers(value):
                _check_number(parameter, number)


def deviations(parameters: Sequence[Parameter], values: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    """The values that differ from the script's own: the script keeps its literals for all others."""
    return {
        parameter.name: values[parameter.name]
        for parameter in parameters
        if values[parameter.name] != _normal(parameter, parameter.default)
    }


def _numbers(value: ParameterValue) -> list[float]:
    entries = value if isinstance(value, tuple) else (value,)
    return [entry for entry in entries if isinstance(entry, int | float) and not isinstance(entry, bool)]


def _check_number(parameter: Parameter, value: float) -> None:
    low, high, step = parameter.min, parameter.max, parameter.step
    if (low is not None and value < low) or (high is not None and value > high):
        raise ConfigurationInvalid("parameter-out-of-bounds", f"{parameter.name} is {value:g}, not {low} to {high}")
    if step:
        steps = (value - (low or 0.0)) / step
        if abs(steps - round(steps)) > _STEP_TOLERANCE:
            raise ConfigurationInvalid("parameter-out-of-bounds", f"{parameter.name} goes in steps of {step:g}")


def _normal(parameter: Parameter, value: Any) -> ParameterValue:
    if parameter.kind in ("number", "integer"):
        return _number(parameter, value)
    if parameter.kind == "boolean" and isinstance(value, bool):
        return value
    if parameter.kind == "text" and isinstance(value, str):
        if len(value) > MAX_TEXT or not value.isprintable():
            raise ConfigurationInvalid(
                "invalid-parameter", f"{parameter.name} is printable text of {MAX_TEXT} characters at the most"
            )
        return value
    if parameter.kind == "tuple" and isinstance(value, list | tuple) and len(value) == _length(parameter):
        return tuple(_scalar(parameter, item) for item in value)
    raise ConfigurationInvalid(
        "invalid-parameter", f"{parameter.name} is a {parameter.kind} like {parameter.default!r}; {value!r} is none"
    )


def _length(parameter: Parameter) -> int:
    return len(parameter.default) if isinstance(parameter.default, tuple) else 0


def _scalar(parameter: Parameter, value: Any) -> float | int | str | bool:
    if isinstance(value, bool) or (isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable()):
        return value
    return _number(parameter, value)


def _number(parameter: Parameter, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationInvalid("invalid-parameter", f"{parameter.name} is a {parameter.kind}; {value!r} is none")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise ConfigurationInvalid("invalid-parameter", f"{parameter.name} is a number up to {MAX_NUMBER:g}")
    if float(value).is_integer():
        return int(value)
    if parameter.kind == "integer":
        raise ConfigurationInvalid("invalid-parameter", f"{parameter.name} is a whole number; {value!r} is none")
    return value
