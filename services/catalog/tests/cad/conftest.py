"""The seed inventory as tests see it: every design, its declared parameters, and a way to build it."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

INVENTORY = Path(__file__).parents[2] / "inventory"
Value = float | int

if importlib.util.find_spec("cadquery") is None:
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True, eq=False)
class Design:
    """One folder of the inventory: the script's text and the parsed `design.toml`."""

    slug: str
    script: str
    declaration: dict[str, Any]

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        parameters: dict[str, dict[str, Any]] = self.declaration["parameters"]
        return parameters

    def steps(self, name: str) -> list[Value]:
        """All values that the declaration allows for a parameter, ascending."""
        declared = self.parameters[name]
        if "choices" in declared:
            return list(declared["choices"])
        count = round((declared["max"] - declared["min"]) / declared["step"])
        values = [round(declared["min"] + index * declared["step"], 6) for index in range(count)]
        return [*values, declared["max"]]

    def corners(self) -> Iterator[dict[str, Value]]:
        """Every combination of the parameters' outermost values."""
        names = list(self.parameters)
        ends = [(self.steps(name)[0], self.steps(name)[-1]) for name in names]
        for combination in itertools.product(*ends):
            yield dict(zip(names, combination, strict=True))

    def some_corners(self, count: int) -> list[dict[str, Value]]:
        """The two opposite corners and a fixed choice of the others."""
        every = list(self.corners())
        middle = random.Random(self.slug).sample(every[1:-1], min(count - 2, len(every) - 2))
        return [every[0], every[-1], *middle]


def read(folder: Path) -> Design:
    declaration = tomllib.loads((folder / "design.toml").read_text(encoding="utf-8"))
    return Design(folder.name, (folder / "model.py").read_text(encoding="utf-8"), declaration)


DESIGNS = [read(path.parent) for path in sorted(INVENTORY.glob("*/design.toml"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "design" in metafunc.fixturenames:
        metafunc.parametrize("design", DESIGNS, ids=[design.slug for design in DESIGNS])


@pytest.fixture(scope="session")
def inventory() -> list[Design]:
    return DESIGNS


@pytest.fixture(scope="session")
def materials() -> dict[str, Any]:
    content = tomllib.loads((INVENTORY.parent / "src/catalog/data/materials.toml").read_text(encoding="utf-8"))
    identities: dict[str, Any] = content["materials"]
    return identities


@pytest.fixture(scope="session")
def defaults() -> Callable[[Design], dict[str, Value]]:
    """What CQGI finds in a design's script: the literals at its top level."""
    from cadquery import cqgi

    def find(design: Design) -> dict[str, Value]:
        found = cqgi.parse(design.script).metadata.parameters
        return {name: parameter.default_value for name, parameter in found.items()}

    return find


@pytest.fixture(scope="session")
def build() -> Callable[..., Any]:
    """Builds a design as the workers do: the script through CQGI, one shown object, its shape.

    The last shapes are kept, for several tests look at the same ones.
    """
    from cadquery import cqgi

    @functools.lru_cache(maxsize=200)
    def kept(design: Design, parameters: tuple[tuple[str, Value], ...]) -> Any:
        return make(design, dict(parameters))

    def make(design: Design, parameters: dict[str, Value]) -> Any:
        result = cqgi.parse(design.script).build(parameters)
        if not result.success:
            pytest.fail(f"{design.slug} with {parameters}: {result.exception!r}")
        assert len(result.results) == 1
        return result.results[0].shape.val()

    def run(design: Design, parameters: dict[str, Value] | None = None) -> Any:
        return kept(design, tuple((parameters or {}).items()))

    return run


@pytest.fixture(scope="session")
def evaluate() -> Callable[[str, dict[str, Value]], float]:
    """The value of an expression of the parameters."""

    def value(expression: str, parameters: dict[str, Value]) -> float:
        return float(eval(expression, {"__builtins__": {}}, dict(parameters)))

    return value
