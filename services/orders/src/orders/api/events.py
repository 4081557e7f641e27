"""`/orders/{id}/events`: an order's timeline as it is told, by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Request, Response
from fastapi.responses import StreamingResponse

from chassis.database import is_transient
from chassis.http import router
from chassis.problems import NotFound, problem_responses
from orders.api.callers import Reader, plain_id, service
from orders.api.shapes import told_shape
from orders.domain.order import ENDED
from orders.state import OrdersState
from orders.store import queries

ROUTER = router("/orders/v1")
_KEEP_ALIVE_S = 15.0


@ROUTER.get(
    "/orders/{order_id}/events",
    summary="Follow an order: one `status` event for each line of its timeline, by server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "The order has ended and everything was told: do not come again"},
        **problem_responses(401, 403, 404),
    },
)
async def follow(
    order_id: str,
    request: Request,
    principal: Reader,
    last_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> Response:
    state, order_id = service(request), plain_id("order", order_id)
    async with state.units.read() as session:
        found = await queries.owner_and_status(session, order_id)
        if found is None:
            raise NotFound("no-such-order", "There is no order of that id.")
        principal.must_own(found[0], "order")
        after = int(last_id) if last_id and last_id.isascii() and last_id.isdigit() else 0
        if after and found[1] in ENDED and not await queries.told(session, order_id, after=after):
            return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(state, order_id, after), media_type="text/event-stream", headers=headers)


async def _stream(state: OrdersState, order_id: str, after: int) -> AsyncIterator[str]:
    """Every line after the one named, then each new one; ends with the order, with this process, or while the
    database is away: who follows comes again.
    """
    yield "retry: 1000\n\n"
    with state.changes.follow(order_id) as woken:
        while True:
            woken.clear()
            try:
                async with state.units.read() as session:
                    lines = await queries.told(session, order_id, after=after)
            except Exception as error:
                if is_transient(error):
                    return
                raise
            for line in lines:
                after = line.id
                data = json.dumps(told_shape(line), ensure_ascii=False)
                yield f"id: {line.id}\nevent: status\ndata: {data}\n\n"
            if state.changes.stopped or any(line.status in ENDED for line in lines):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), _KEEP_ALIVE_S)
                continue
            yield ": still here\n\n"
