"""The data folder: everything that an instance keeps between two runs."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import AlreadyRunningError, LauncherError
from launcher.files import private_folder


@dataclass(frozen=True)
class DataFolder:
    """Where each thing lies in the folder `root`."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def said(self) -> Path:
        """What a detached launcher printed."""
        return self.root / "launcher.log"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def endpoints(self) -> Path:
        return self.root / "endpoints.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        return self.root / "nats"

    @property
    def edge(self) -> Path:
        return self.root / "edge"

    @property
    def artefacts(self) -> Path:
        return self.root / "artefacts"

    @property
    def hubs(self) -> Path:
        return self.root / "hubs"

    def dark(self, hub: str) -> Path:
        """While this file exists the hub's agent and machines are not started."""
        return self.hubs / hub / "dark"

    def log(self, part: str) -> Path:
        return self.logs / f"{part}.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the folder for this process alone. Raises AlreadyRunningError while another holds it."""
        private_folder(self.root)
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode().strip()
                raise AlreadyRunningError(
                    f"process {holder} runs fabmesh on {self.root}; `fabmesh down --data {self.root}` ends it"
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def require_ours(self) -> None:
        """Raises LauncherError where names that an instance would use are somebody else's."""
        strange = [entry.name for entry in self._kept() if entry.exists()]
        if strange and not self.lock.exists():
            raise LauncherError(f"{self.root} is not a data folder of fabmesh, but holds {', '.join(strange)}")

    def forget(self) -> None:
        """Removes all that an instance kept; what else lies in the folder stays, and the lock that is held."""
        for entry in self._kept():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)

    def _kept(self) -> list[Path]:
        folders = [self.secrets, self.logs, self.postgres, self.nats, self.edge, self.artefacts, self.hubs]
        return [*folders, self.ports, self.state, self.endpoints]
