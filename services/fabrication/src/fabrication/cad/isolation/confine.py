"""The order in which a forked child gives its freedom away.

Each layer is laid where the kernel has it; what is missing is reported, and the operator decides (`isolation_report`).
"""

import os
import signal
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fabrication.cad.isolation import landlock, limits, namespaces, seccomp
from fabrication.cad.isolation.kernel import PR_SET_DUMPABLE, PR_SET_PDEATHSIG, prctl
from fabrication.cad.isolation.limits import JobLimits


@dataclass(frozen=True, slots=True)
class Isolation:
    """Which layers hold, and why the others do not."""

    holds: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every layer holds."""
        return not self.missing


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when the thread that made it ends; leave at once if it already has."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def confine(job_limits: JobLimits, readable: tuple[Path, ...], writable: tuple[Path, ...]) -> Isolation:
    """Confine this process, which has one thread, and say which layers hold."""
    report = Isolation()
    _lay(report, "namespaces", lambda: _named(namespaces.enter, "user, network, ipc, uts"))
    _lay(report, "death-signal", lambda: _named(lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "SIGKILL"))
    _lay(report, "no-dump", lambda: _named(lambda: prctl(PR_SET_DUMPABLE, 0), "memory closed to others"))
    _lay(report, "landlock", lambda: f"version {landlock.restrict((*python_paths(), *readable), writable)}")
    _lay(report, "limits", lambda: _named(lambda: limits.impose(job_limits), f"{job_limits.memory_bytes >> 20} MiB"))
    _lay(report, "seccomp", lambda: _named(seccomp.install, f"{len(seccomp.DENIED_X86_64)} calls refused"))
    return report


def python_paths() -> tuple[Path, ...]:
    """What an interpreter must be able to read for its late imports: itself, its packages, the system's libraries."""
    named = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    system = ["/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/dev/urandom", "/dev/null", "/proc/self/maps"]
    own = str(Path(__file__).resolve().parents[3])
    return tuple(dict.fromkeys(Path(path).resolve() for path in (*named, own, *system)))


def _named(act: Callable[[], None], name: str) -> str:
    act()
    return name


def _lay(report: Isolation, name: str, act: Callable[[], str]) -> None:
    try:
        report.holds[name] = act()
    except (OSError, ValueError) as fault:
        report.missing[name] = str(fault)
