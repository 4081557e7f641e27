"""Real servers for tests, gone when the test is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres


@contextmanager
def start_postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server on a folder, ended with the block; it does not wait for the disk (a `kill` loses nothing)."""
    server = EmbeddedPostgres(folder, settings={"fsync": "off"})
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def start_nats(folder: Path) -> Iterator[EmbeddedNats]:
    """A NATS server on a folder, ended with the block."""
    server = EmbeddedNats(folder)
    try:
        yield server.start()
    finally:
        server.stop()
