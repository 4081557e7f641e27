"""The folder in which a process keeps its state: private, and of one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from hub.errors import ConfigInvalid


class DataFolder:
    """A folder held by this process until it closes it or ends."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is absent. Raises ConfigInvalid where another process holds it."""
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigInvalid(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise ConfigInvalid(f"{path} is in use by another process") from error

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, at once or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
