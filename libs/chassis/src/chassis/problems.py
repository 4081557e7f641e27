"""RFC 9457 problems: each error has a stable type, says what is wrong and what would be right.

Problem
├── BadRequest 400 · Unauthorised 401 · Forbidden 403 · NotFound 404 · Conflict 409 · Gone 410
├── PreconditionFailed 412 · TooLarge 413 · Unprocessable 422 · TooManyRequests 429
└── Unavailable 503   (with Retry-After)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:fabmesh:problem:"


class Problem(Exception):
    """An error that a caller of the HTTP API sees. `code` is the stable end of its type."""

    status = 500
    title = "Something failed"
    retry_after_s: int | None = None

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.extra = extra

    def response(self, instance: str) -> JSONResponse:
        """The problem as an HTTP answer."""
        body = {"type": _PREFIX + self.code, "title": self.title, "status": self.status, "detail": self.detail}
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(
            {**body, "instance": instance, **self.extra}, self.status, headers=headers, media_type=MEDIA_TYPE
        )


class BadRequest(Problem):
    status, title = 400, "The request cannot be read"


class Unauthorised(Problem):
    status, title = 401, "Who are you?"


class Forbidden(Problem):
    status, title = 403, "Your key does not permit this"


class NotFound(Problem):
    status, title = 404, "There is no such thing"


class Conflict(Problem):
    status, title = 409, "It is not in a state that permits this"


class Gone(Problem):
    status, title = 410, "It is no longer there"


class PreconditionFailed(Problem):
    status, title = 412, "It has changed since you read it"


class TooLarge(Problem):
    status, title = 413, "Too large"


class Unprocessable(Problem):
    status, title = 422, "The request is understood but wrong"


class TooManyRequests(Problem):
    status, title, retry_after_s = 429, "Slow down", 1


class Unavailable(Problem):
    status, title, retry_after_s = 503, "A part of the mesh is away", 2


_KINDS = (
    BadRequest,
    Unauthorised,
    Forbidden,
    NotFound,
    Conflict,
    Gone,
    PreconditionFailed,
    TooLarge,
    Unprocessable,
    TooManyRequests,
    Unavailable,
)
_BY_STATUS = {kind.status: kind for kind in _KINDS}
_CODES = {400: "malformed-request", 404: "no-such-route", 405: "method-not-allowed", 413: "body-too-large"}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the problems that a route can answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _BY_STATUS[status].title, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    @app.exception_handler(Problem)
    async def _known(request: Request, problem: Problem) -> JSONResponse:
        return problem.response(request.url.path)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"at": "/".join(map(str, e["loc"])), "wrong": e["msg"], "kind": e["type"]} for e in error.errors()]
        detail = "; ".join(f"{e['at']}: {e['wrong']}" for e in errors[:5])
        return Unprocessable("invalid-request", detail, errors=errors[:50]).response(request.url.path)

    @app.exception_handler(HTTPException)
    async def _starlette(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, Problem):  # FastAPI wraps what is raised while it reads a body
            return error.__cause__.response(request.url.path)
        kind = type("Raised", (_BY_STATUS.get(error.status_code, Problem),), {"status": error.status_code})
        problem = kind(_CODES.get(error.status_code, "http-error"), str(error.detail))
        answer: JSONResponse = problem.response(request.url.path)
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer
