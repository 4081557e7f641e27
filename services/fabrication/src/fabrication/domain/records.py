"""Dataclasses ⇄ plain JSON values, checked on the way in.

One reader serves the shipped TOML files, the messages of the CAD workers and the artefacts' JSON, so an unknown key or
a wrong type is refused in the same words everywhere.
"""

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from fabrication.domain.errors import RecordInvalid

T = TypeVar("T")


def to_record(value: Any) -> Any:
    """The JSON value of a dataclass tree: objects, arrays, strings, numbers, booleans and null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_record(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_record(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_record(item) for item in value]
    return value


def from_record(cls: type[T], record: Any, where: str = "") -> T:
    """Build the dataclass `cls` from a JSON value; raises RecordInvalid naming the place of the first fault."""
    return _read(cls, record, where)  # type: ignore[no-any-return]


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if origin in (dict, Mapping):
        return _read_table(get_args(kind)[1], value, where)
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, value, where)  # type: ignore[arg-type]
    return _read_scalar(kind, value, where)


def _read_table(item_kind: Any, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise RecordInvalid(where, "is not a table")
    return {str(key): _read(item_kind, item, _below(where, str(key))) for key, item in value.items()}


def _read_dataclass(cls: type, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise RecordInvalid(where, "is not a table")
    hints = _hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in value:
        if key not in fields:
            raise RecordInvalid(_below(where, str(key)), "is not known here")
    arguments = {}
    for name, field in fields.items():
        if name in value:
            arguments[name] = _read(hints[name], value[name], _below(where, name))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise RecordInvalid(_below(where, name), "is missing")
    return cls(**arguments)


def _read_union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    faults = []
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _read(kind, value, where)
        except RecordInvalid as fault:
            faults.append(fault)
    raise faults[-1]


def _read_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RecordInvalid(where, "is not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if len(value) != len(kinds):
        raise RecordInvalid(where, f"has {len(value)} entries, not {len(kinds)}")
    return tuple(
        _read(kind, item, f"{where}[{index}]") for index, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )


def _read_scalar(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise RecordInvalid(where, f"is {value!r}, not one of {', '.join(map(str, get_args(kind)))}")
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise RecordInvalid(
                where, f"is {value!r}, not one of {', '.join(str(item.value) for item in kind)}"
            ) from None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise RecordInvalid(where, "is not a finite number")
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise RecordInvalid(where, f"is {value!r}, not a {getattr(kind, '__name__', kind)}")


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
