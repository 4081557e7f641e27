"""What routing's rules refuse.

RoutingError
├── BadHub                what is said of a hub cannot be
│   ├── BadOpeningHours
│   └── BadTimezone
└── IllegalTransition     a job order cannot go from its state to that one
    ├── TokenNotHigher    a lease must bear a higher token than every one before it
    └── NotTheHolder      the speaker does not hold the job order's lease
"""

from __future__ import annotations


class RoutingError(Exception):
    """Root of the domain's errors."""


class BadHub(RoutingError):
    """What is said of a hub cannot be."""


class BadOpeningHours(BadHub):
    """Hours that no clock shows, or under which nobody could ever collect a part."""


class BadTimezone(BadHub):
    """No zone of the IANA database."""


class IllegalTransition(RoutingError):
    """A job order cannot go from its state to that one."""


class TokenNotHigher(IllegalTransition):
    """A lease must bear a higher token than every one before it."""


class NotTheHolder(IllegalTransition):
    """The speaker does not hold the job order's lease. `why` is said to the hub."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
