"""`/livez`: the process turns. `/readyz`: database and broker answer, so it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from chassis.auth import public
from chassis.database import UNAVAILABLE, Database
from chassis.problems import Unavailable


def health_router(ready: Callable[[], Awaitable[dict[str, str]]]) -> APIRouter:
    """The two probes; `ready` answers what is wrong by part, empty when nothing is."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    @public
    async def livez() -> Response:
        return JSONResponse({"status": "alive"})

    @router.get("/readyz")
    @public
    async def readyz() -> Response:
        wrong = await ready()
        if wrong:
            raise Unavailable("not-ready", "; ".join(f"{part}: {why}" for part, why in wrong.items()), parts=wrong)
        return JSONResponse({"status": "ready"})

    return router


async def database_trouble(database: Database) -> str | None:
    """Why the database cannot be used now, or None."""
    try:
        async with asyncio.timeout(2):
            await database.ping()
    except UNAVAILABLE as error:
        return f"{type(error).__name__}: {error}"
    return None
