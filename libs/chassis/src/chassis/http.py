"""A FastAPI application that answers bad input with a problem, never with a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import pydantic_core
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import problems
from chassis.problems import BadRequest, TooLarge


def _plain(text: str) -> str:
    if any(ord(c) < 32 and c not in "\n\t\r" for c in text):
        raise ValueError("control characters are not allowed")
    return text


Text = Annotated[str, AfterValidator(_plain)]
"""Text that PostgreSQL can keep: no NUL, no control characters."""


class Body(BaseModel):
    """Base of request bodies: unknown fields and NaN are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class StrictRequest(Request):
    """Reads JSON as the standard has it: no NaN, no lone surrogates, bounded depth."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                self._json = pydantic_core.from_json(body, allow_inf_nan=False) if body else None
            except ValueError as error:
                raise BadRequest("malformed-json", f"The body is not JSON: {error}") from None
        return self._json


class StrictRoute(APIRoute):
    """A route whose requests are StrictRequests."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await inner(StrictRequest(request.scope, request.receive))

        return handler


class BodyLimit:
    """Refuses a body larger than `limit_bytes`, announced or not."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0
        problem = TooLarge("body-too-large", f"The body may have {self._limit} bytes at the most.")
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._limit:
            await problem.response(scope["path"])(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise problem
            return message

        await self._app(scope, counted, send)


def build(title: str, routers: Sequence[APIRouter], *, limit_bytes: int) -> FastAPI:
    """The application of one service: its routers, with problems, strict JSON and OpenAPI 3.1."""
    app = FastAPI(title=title, version="1", redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app)
    app.add_middleware(BodyLimit, limit_bytes=limit_bytes)
    for router in routers:
        app.include_router(router)

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            schema = get_openapi(title=title, version="1", routes=app.routes)
            schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = dict(problems.PROBLEM_SCHEMA)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def router(prefix: str) -> APIRouter:
    """A router whose routes read JSON strictly."""
    return APIRouter(prefix=prefix, route_class=StrictRoute)
