"""The mesh that journeys run on, one for the whole run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness.mesh import Mesh

CITY = Path(__file__).parent / "harness/city.toml"


@pytest.fixture(scope="session")
def city() -> Path:
    return CITY


@pytest.fixture(scope="session")
def mesh_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A running mesh; its data folder is kept when the run fails."""
    instance = Mesh(tmp_path_factory.mktemp("mesh") / "data", CITY)
    instance.up()
    yield instance
    instance.down()
