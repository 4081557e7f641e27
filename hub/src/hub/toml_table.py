"""Reading a configuration file strictly: what is missing, of the wrong type or unknown is an error with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from hub.errors import ConfigInvalid

T = TypeVar("T")
_NAMES = {str: "text", float: "a number", int: "a whole number", bool: "true or false"}


class Table:
    """One table of a file. Every key is taken once; `done` refuses what nobody took."""

    def __init__(self, values: Mapping[str, Any], place: str) -> None:
        self._values = dict(values)
        self.place = place

    @classmethod
    def read(cls, path: Path) -> Table:
        """The file's top table. Raises ConfigInvalid."""
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except OSError as error:
            raise ConfigInvalid(f"{path}: {error.strerror or error}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigInvalid(f"{path}: {error}") from error

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of `key`, or `default`; raises ConfigInvalid where neither is there."""
        value = self._values.pop(key, default)
        if kind is float and type(value) is int:
            value = float(value)
        if value is None:
            raise ConfigInvalid(f"{self.place}: `{key}` is missing")
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise ConfigInvalid(f"{self.place}: `{key}` is {value!r}; {_NAMES.get(kind, kind.__name__)} is wanted")
        return value

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        """A number within [low, high]."""
        value = self.take(key, float, default)
        if not low <= value <= high:
            raise ConfigInvalid(f"{self.place}: `{key}` is {value:g}; {low:g} to {high:g} is wanted")
        return value

    def triple(self, key: str, default: tuple[float, float, float] | None = None) -> tuple[float, float, float]:
        """Three numbers, for x, y and z."""
        value = self._values.pop(key, default)
        if value is None:
            raise ConfigInvalid(f"{self.place}: `{key}` is missing")
        numbers = (
            [float(each) for each in value if type(each) in (int, float)] if isinstance(value, list | tuple) else []
        )
        if len(numbers) != 3 or len(value) != 3:
            raise ConfigInvalid(f"{self.place}: `{key}` is {value!r}; three numbers are wanted")
        return numbers[0], numbers[1], numbers[2]

    def sub(self, key: str) -> Table:
        """The table `key`, empty where it is absent."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise ConfigInvalid(f"{self.place}: `{key}` is {value!r}; a table is wanted")
        return Table(value, f"{self.place} [{key}]")

    def rows(self, key: str) -> list[Table]:
        """The tables of the array `key`."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise ConfigInvalid(f"{self.place}: `{key}` is wanted as [[{key}]]")
        return [Table(each, f"{self.place} [[{key}]] {number}") for number, each in enumerate(value, 1)]

    def rest(self) -> dict[str, Any]:
        """All that is left, taken."""
        values, self._values = self._values, {}
        return values

    def done(self) -> None:
        """Raises ConfigInvalid when a key is left that nobody knows."""
        if self._values:
            raise ConfigInvalid(f"{self.place}: unknown: {', '.join(sorted(self._values))}")
