"""Reading a TOML table field by field: what is missing, unknown or of the wrong kind is refused with its place."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from catalog.domain.errors import DesignRefused

MAX_TEXT = 200
MAX_ITEMS = 100


class Table:
    """One table of design.toml. Every field is asked for by name; `finish` refuses the rest."""

    def __init__(self, content: dict[str, Any], at: str = "") -> None:
        self._content = content
        self._asked: set[str] = set()
        self.at = at

    def place(self, name: str) -> str:
        """Where a field stands, for people: `licence.fee`."""
        return f"{self.at}.{name}" if self.at else name

    def wrong(self, name: str, wanted: str) -> NoReturn:
        """Refuse a field as `wrong-type`."""
        raise DesignRefused("wrong-type", f"{wanted} is wanted", self.place(name))

    def has(self, name: str) -> bool:
        """Whether the field is given."""
        return name in self._content

    def raw(self, name: str) -> Any:
        """The field as TOML has it, None where it is not given."""
        self._asked.add(name)
        return self._content.get(name)

    def required(self, name: str) -> Any:
        """The field as TOML has it. Raises DesignRefused `missing-field`."""
        value = self.raw(name)
        if value is None:
            raise DesignRefused("missing-field", "the field is required", self.place(name))
        return value

    def text(self, name: str, *, most: int = MAX_TEXT, required: bool = False, default: str = "") -> str:
        """A text of at most `most` characters; one that is required must not be blank."""
        value = self.required(name) if required else self.raw(name)
        if value is None:
            return default
        text = self._plain(name, value, most)
        if required and not text:
            raise DesignRefused("missing-field", "the field must not be blank", self.place(name))
        return text

    def texts(self, name: str, *, most: int = MAX_TEXT, required: bool = False) -> tuple[str, ...]:
        """A list of different, non-blank texts; one that is required must not be empty."""
        value = self.required(name) if required else self.raw(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.wrong(name, f"a list of at most {MAX_ITEMS} texts")
        if required and not value:
            raise DesignRefused("missing-field", "at least one is required", self.place(name))
        found = tuple(self._plain(f"{name}[{n}]", item, most) for n, item in enumerate(value))
        if not all(found) or len(set(found)) != len(found):
            self.wrong(name, "a list of different texts, none of them blank")
        return found

    def number(self, name: str, *, required: bool = False) -> float | None:
        """A finite number."""
        value = self.required(name) if required else self.raw(name)
        return None if value is None else self.finite(name, value)

    def finite(self, name: str, value: Any) -> float:
        """`value` as a number, where it is a finite one of a size that a float can hold."""
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or math.isnan(value):
            self.wrong(name, "a number of at most 1e12")
        return float(value)

    def flag(self, name: str) -> bool:
        """True or false; false where it is not given."""
        value = self.raw(name)
        if not isinstance(value, bool | None):
            self.wrong(name, "true or false")
        return bool(value)

    def list_of(self, name: str) -> list[Any]:
        """A list of anything; empty where it is not given."""
        value = self.raw(name)
        if not isinstance(value, list | None) or len(value or ()) > MAX_ITEMS:
            self.wrong(name, f"a list of at most {MAX_ITEMS} entries")
        return value or []

    def table(self, name: str) -> Table | None:
        """A table within this one."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "a table")
        return Table(value, self.place(name))

    def tables(self, name: str) -> list[Table]:
        """An array of tables."""
        rows = self.list_of(name)
        for row in rows:
            if not isinstance(row, dict):
                self.wrong(name, f"an array of tables, each begun by [[{self.place(name)}]],")
        return [Table(row, f"{self.place(name)}[{n}]") for n, row in enumerate(rows)]

    def named_tables(self, name: str) -> dict[str, Table]:
        """Tables by name, as in [parameters.NAME]."""
        outer = self.table(name)
        if outer is None:
            return {}
        found = {key: outer.table(key) for key in outer.keys()}  # noqa: SIM118 - a Table is no mapping
        return {key: table for key, table in found.items() if table is not None}

    def keys(self) -> list[str]:
        """The names of the fields that are given."""
        return list(self._content)

    def finish(self) -> None:
        """Refuse what nobody asked for. Raises DesignRefused `unknown-field`."""
        for name in self._content:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise DesignRefused("unknown-field", f"there is no such field; known: {known}", self.place(name))

    def _plain(self, name: str, value: Any, most: int) -> str:
        if not isinstance(value, str):
            self.wrong(name, "a text")
        text = value.strip()
        if len(text) > most:
            self.wrong(name, f"a text of at most {most} characters")
        if any(ord(character) < 32 and character not in "\n\t\r" for character in text):
            self.wrong(name, "a text without control characters")
        return text
