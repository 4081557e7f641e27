"""What stops a program or spoils a part: faults that the machine finds, and faults that a test or demo orders."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hub.errors import HubError

KINDS = ("fail", "jam", "drift", "offline", "hang", "broken", "repair")


class ProgramFault(HubError):
    """The program cannot go on: `code` is stable, `detail` says in which line and why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class BadRequest(HubError):
    """A request that the machine does not take. `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class OrderedFault:
    """A fault that somebody ordered.

    fail: the job under way (or the next) ends in fault at `fraction` of its program. jam: nothing leaves the nozzle
    from now on, and the machine does not notice. drift: dimensions grow by `mm` at once. offline: connections are
    refused for `seconds`. hang: it freezes, machine and answers, for `seconds`. broken: it takes no job. repair: all
    of them end.
    """

    kind: str
    fraction: float = 0.5
    mm: float = 0.0
    seconds: float = 5.0

    @classmethod
    def from_request(cls, request: dict[str, Any]) -> OrderedFault:
        """Read it from a request. Raises BadRequest."""
        kind = request.get("kind")
        if kind not in KINDS:
            raise BadRequest("unknown-fault", f"{kind!r}; known: {', '.join(KINDS)}")
        return cls(
            kind=kind,
            fraction=_number(request, "fraction", 0.5, 0, 1),
            mm=_number(request, "mm", 0.0, -5, 5),
            seconds=_number(request, "seconds", 5.0, 0, 86_400),
        )


def _number(request: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest("bad-request", f"`{name}` is no number")
    if not low <= value <= high:
        raise BadRequest("bad-request", f"`{name}` is {value:g}; {low:g} to {high:g}")
    return float(value)
