"""Child processes that do not outlive their launcher, and processes known by more than a number."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_S = 0.02
# A starter that died before the kernel was told to watch it is not noticed: the child looks for itself, once it was.
_UNLESS_ORPHANED = ("sh", "-c", '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"', "unless-orphaned")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process by id and start time (clock ticks since boot): an id alone may have been given to another since."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process that has this id now; none if there is no such process or it is a zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    @property
    def running(self) -> bool:
        return ProcessIdentity.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Signals this very process; one that has ended is left in peace."""
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.running:
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)

    def wait(self, timeout_s: float) -> bool:
        """Waits for its end; false if it still runs after the time."""
        deadline = time.monotonic() + timeout_s
        while self.running:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def end(self, gentle: signal.Signals, grace_s: float) -> None:
        """Asks it to end, and makes it end once its grace is over."""
        self.send(gentle)
        if not self.wait(grace_s):
            self.send(signal.SIGKILL)
            self.wait(grace_s)


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own; the kernel sends it `death_signal` when its starter dies.

    Its output goes to the end of `log`, never to the starter's terminal or pipe. The kernel watches the *thread* that
    called this, so call it from one that lives as long as the server should.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    guarded = ["setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG"), "--", *_UNLESS_ORPHANED]
    guarded += [str(os.getpid()), *argv]
    with log.open("ab") as sink:
        return subprocess.Popen(
            guarded,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env=dict(environment),
            start_new_session=True,
        )


def reap(process: subprocess.Popen[bytes]) -> int:
    """Collects a spawned process that has ended, and ends what it left running in its session; returns its code.

    Until it is collected nobody else can be given its number, so the group of that number is its own.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


class ProcessTree:
    """Who is whose child, as seen at one moment."""

    def __init__(self) -> None:
        self._children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    self._children.setdefault(parent, []).append(int(entry.name))

    def memory_mb(self, pid: int) -> float:
        """Proportional set size of a process and its descendants, in MB (10⁶ bytes): shared pages count once."""
        return _proportional_bytes(pid) / 1e6 + sum(self.memory_mb(child) for child in self._children.get(pid, ()))


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, for a message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _proportional_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
