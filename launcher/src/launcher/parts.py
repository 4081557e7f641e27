"""What an instance consists of, as data."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def nothing() -> None:
    """The preparation of a part that needs none."""


@dataclass(frozen=True)
class Part:
    """One process that runs as long as the instance does.

    `ready` is the address that tells when it can work (see `launcher.probes`); without one it is ready once it runs.
    `after` names the parts that must be ready before it is started; it is stopped before they are. `prepare` runs
    before each start; while the file `dark` exists there is none. `stop_signal` asks it to end, for which it has
    `stop_s` seconds.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    ready: str | None = None
    after: Sequence[str] = ()
    prepare: Callable[[], None] = nothing
    dark: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 30.0


@dataclass(frozen=True)
class Chore:
    """One process that does something and ends: a migration, a seed."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 300.0


def stop_waves(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts in the order in which to stop them: each wave holds those on which nobody that still runs depends."""
    left = {part.name: part for part in parts}
    waves: list[list[Part]] = []
    while left:
        needed = {name for part in left.values() for name in part.after}
        wave = [part for part in left.values() if part.name not in needed]
        if not wave:
            raise ValueError(f"parts wait for each other: {', '.join(left)}")
        waves.append(wave)
        for part in wave:
            del left[part.name]
    return waves
