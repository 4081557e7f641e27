from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres
from launcher.testing import start_nats, start_postgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with start_postgres(tmp_path / "postgres") as server:
        yield server


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    with start_nats(tmp_path / "nats") as server:
        yield server
