"""Telling a person how far it is: a spinner on a terminal, one line at the end elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console


class Progress:
    """A context manager; `phase` begins the next step and ticks off the one before."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._spinner = self._console.status("") if self._console.is_terminal else None
        self._begun = time.monotonic()
        self._phase: str | None = None
        self._phase_begun = self._begun

    def __enter__(self) -> Self:
        if self._spinner is not None:
            self._spinner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quiet()

    def phase(self, name: str) -> None:
        """The next step; a repeated name changes nothing."""
        if self._spinner is None or name == self._phase:
            return
        now = time.monotonic()
        if self._phase is not None:
            self._console.print(f"[green]✓[/] {self._phase} [dim]{now - self._phase_begun:.1f} s[/]")
        self._phase, self._phase_begun = name, now
        self._spinner.update(name)
        self._spinner.start()

    def done(self, line: str) -> None:
        """The last word on what was begun."""
        self.quiet()
        self._phase = None
        self._console.print(f"{line} ({time.monotonic() - self._begun:.1f} s)", soft_wrap=True)

    def quiet(self) -> None:
        """Takes the spinner away."""
        if self._spinner is not None:
            self._spinner.stop()
