"""Why something that was asked for is not done.

OrdersError
├── Unacceptable   what was asked for is wrong, whenever it is asked
├── Untimely       not in this state
│   └── Stale      it has changed since the caller read it
├── Missing        there is no such thing, or not for this caller
├── NotPermitted   the thing is known to the caller, who may not do this to it
└── Unproven       the caller is not who it says
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class OrdersError(Exception):
    """Root of the tree. `code` is stable, the text is for people, `facts` help programs to mend it."""

    def __init__(self, code: str, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.facts = facts


class Unacceptable(OrdersError):
    """What was asked for is wrong."""


class Untimely(OrdersError):
    """The thing is not in a state that permits this."""


class Stale(Untimely):
    """The thing has changed since the caller read it."""


class Missing(OrdersError):
    """There is no such thing for this caller."""


class NotPermitted(OrdersError):
    """The caller may not do this."""


class Unproven(OrdersError):
    """The caller is not who it says."""


def bad_parameters(faults: Sequence[dict[str, Any]]) -> Unacceptable:
    """All that is wrong with given parameters; the first one names the code."""
    first = faults[0]
    detail = "; ".join(str(fault["detail"]) for fault in faults[:5])
    return Unacceptable(str(first["code"]), detail, errors=list(faults[:50]))
