"""A server out of a package, run on a folder of its own: what PostgreSQL and NATS have in common."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from launcher.errors import StartError
from launcher.ports import is_free, remembered_ports
from launcher.processes import spawn, tail

_START_S = 30.0
_POLL_S = 0.02


class EmbeddedServer(ABC):
    """One server on `data_dir`. Its port is chosen at the first start and kept.

    Call `start` from a thread that lives as long as the server should (see `launcher.processes.spawn`).
    """

    title: str
    stop_signal: signal.Signals
    stop_s: float
    # What the log says of a failed start that succeeds when tried again within moments.
    passing_failures: tuple[str, ...] = ()

    def __init__(self, data_dir: Path, *, port: int | None, secrets_dir: Path | None, log: Path | None) -> None:
        self.data_dir = data_dir.resolve()
        self.secrets_dir = secrets_dir.resolve() if secrets_dir else self.data_dir / "secrets"
        self.log = log or self.data_dir / f"{self.title.lower()}.log"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Brings the folder into the state in which `argv` can run on it. Idempotent."""

    @abstractmethod
    def argv(self) -> list[str]:
        """The command that runs the server on a prepared folder."""

    @property
    @abstractmethod
    def ready(self) -> bool:
        """Whether the server answers on its port."""

    @property
    def port(self) -> int:
        if self._port is None:
            name = self.title.lower()
            self._port = remembered_ports(self.data_dir / "ports.json", [name])[name]
        return self._port

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """Starts the server and returns once it answers. Raises StartError with the end of its log."""
        deadline = time.monotonic() + _START_S
        while True:
            self.prepare()
            if not is_free(self.port):
                raise StartError(f"{self.title} cannot start: somebody listens on port {self.port}")
            self._process = spawn(self.argv(), log=self.log, environment=os.environ, death_signal=self.stop_signal)
            if self._answers(deadline):
                return self
            self.kill()
            report = tail(self.log)
            passing = any(failure in report for failure in self.passing_failures)
            if not passing or time.monotonic() > deadline:
                raise StartError(f"{self.title} did not start:\n{report}")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Ends it in order; what was acknowledged is there at the next start."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stop_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Ends it with no chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stops and starts it on the same port."""
        self.stop()
        self.start()

    def _answers(self, deadline: float) -> bool:
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            if self.ready and self._process.poll() is None:
                return True
            time.sleep(_POLL_S)
        return False
