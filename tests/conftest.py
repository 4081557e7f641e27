"""The mesh that journeys run on, one for the whole run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness.collector import Collector
from harness.mesh import Mesh

CITY = Path(__file__).parent / "harness/city.toml"


@pytest.fixture(scope="session")
def city() -> Path:
    return CITY


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Receives what every part of the mesh exports."""
    opened = Collector()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def mesh_instance(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Mesh]:
    """A running mesh; its data folder is kept when the run fails."""
    instance = Mesh(tmp_path_factory.mktemp("mesh") / "data", CITY)
    instance.up(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint)
    yield instance
    instance.down()
