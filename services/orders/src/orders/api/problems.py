"""The service's errors as problems of the HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.problems import Conflict, Forbidden, NotFound, PreconditionFailed, Problem, Unauthorised, Unprocessable
from orders.domain.errors import Missing, NotPermitted, OrdersError, Stale, Unacceptable, Unproven, Untimely

_KINDS: dict[type[OrdersError], type[Problem]] = {
    Unacceptable: Unprocessable,
    Stale: PreconditionFailed,
    Untimely: Conflict,
    Missing: NotFound,
    NotPermitted: Forbidden,
    Unproven: Unauthorised,
}


@contextmanager
def as_problems() -> Iterator[None]:
    """Turns what the block refuses into problems."""
    try:
        yield
    except OrdersError as error:
        kind = _KINDS.get(type(error))
        if kind is None:
            raise
        raise kind(error.code, str(error), **error.facts) from error
