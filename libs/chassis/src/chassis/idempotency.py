"""`Idempotency-Key`: the answer to an unsafe request is kept in the same transaction as its change."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request, Response
from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.problems import BadRequest, Unprocessable
from chassis.tables import idempotency_keys
from chassis.unit_of_work import UnitOfWork, UnitsOfWork

_KEY_MAX = 255
_KEPT_HEADERS = ("content-type", "location", "etag")

OptionalKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=_KEY_MAX)]


def require_key(key: str | None) -> str:
    """The key, or a problem that says how to send one."""
    if not key or not key.isascii() or not key.isprintable():
        raise BadRequest(
            "idempotency-key-missing", "Send an `Idempotency-Key` header: any text of yours, new for each new request."
        )
    return key


async def once(
    units: UnitsOfWork,
    request: Request,
    principal: Principal,
    key: str | None,
    act: Callable[[UnitOfWork], Awaitable[Response]],
) -> Response:
    """Run `act` in a transaction, once for each key of an organisation; a repeat gets the first answer again.

    Raises the problem `idempotency-key-reused` when the key came with another request before. Without a key `act`
    runs each time.
    """
    if key is None:
        async with units.begin() as uow:
            return await act(uow)
    key = require_key(key)
    digest = await _request_digest(request)
    async with units.begin() as uow:
        await _lock(uow.session, principal.organisation_id, key)
        kept = await _kept(uow.session, principal.organisation_id, key)
        if kept is not None:
            if kept.request_sha256 != digest:
                raise Unprocessable(
                    "idempotency-key-reused", "This key came with another request before; use a new one for this."
                )
            return Response(kept.body, kept.status, headers={**kept.headers, "Idempotent-Replay": "true"})
        answer = await act(uow)
        headers = {
            name: value for name, value in answer.headers.items() if name in ("content-type", "location", "etag")
        }
        await uow.session.execute(
            insert(idempotency_keys).values(
                organisation_id=principal.organisation_id,
                key=key,
                request_sha256=digest,
                status=answer.status_code,
                headers=headers,
                body=bytes(answer.body),
            )
        )
        return answer


async def _request_digest(request: Request) -> bytes:
    body = await request.body()
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).digest()


async def _lock(session: AsyncSession, organisation_id: str, key: str) -> None:
    """Two requests with one key wait for each other; the lock ends with the transaction."""
    name = f"{organisation_id}/{key}"
    await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


async def _kept(session: AsyncSession, organisation_id: str, key: str) -> Row[Any] | None:
    table = idempotency_keys
    where = (table.c.organisation_id == organisation_id, table.c.key == key)
    return (await session.execute(select(table).where(*where))).first()
