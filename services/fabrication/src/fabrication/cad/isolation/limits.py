"""Resource limits of one job (setrlimit(2)): where no cgroup can be had, these bound it."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How much one job may take; CPU seconds are over all its threads."""

    memory_bytes: int = 4 * 1024**3
    cpu_s: int = 120
    file_bytes: int = 256 * 1024**2
    open_files: int = 64


def impose(limits: JobLimits) -> None:
    """Set soft and hard limits alike; raises OSError or ValueError where a limit already stands lower."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))
