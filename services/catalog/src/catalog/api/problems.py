"""Catalog's errors as problems of the HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from catalog.domain.errors import (
    CatalogError,
    DesignRefused,
    InspectionUnavailable,
    ModelRefused,
    NotTheRightsHolder,
    SlugTaken,
)
from chassis.problems import Conflict, Forbidden, Problem, Unavailable, Unprocessable

RETRY_AFTER_S = 5


@contextmanager
def as_problems() -> Iterator[None]:
    """Turns what the block refuses into problems."""
    try:
        yield
    except CatalogError as error:
        raise problem_of(error) from error


def problem_of(error: CatalogError) -> Problem:
    """The problem that tells a caller of `error`."""
    match error:
        case ModelRefused():
            return Unprocessable(error.code, error.detail, findings=[asdict(each) for each in error.findings])
        case DesignRefused():
            return Unprocessable(error.code, error.detail, at=error.at)
        case NotTheRightsHolder():
            return Forbidden(error.code, error.detail)
        case SlugTaken():
            return Conflict(error.code, error.detail)
        case InspectionUnavailable():
            problem = Unavailable(error.code, error.detail)
            problem.retry_after_s = RETRY_AFTER_S
            return problem
    return Problem("internal-error", "Catalog failed on this request.")
