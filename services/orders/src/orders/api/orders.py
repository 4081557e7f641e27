"""`/orders`: place, read, list, cancel and collect orders."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, StrictInt

from chassis import pages
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once, require_key
from chassis.problems import NotFound, problem_responses
from chassis.unit_of_work import UnitOfWork
from orders.api.callers import Orderer, Reader, credential, if_match, plain_id, seen_by, service
from orders.api.problems import as_problems
from orders.api.shapes import OrderPage, OrderShape, PlacedOrder, etag, line_shape, order_shape
from orders.domain.order import Destination, Order, Status
from orders.domain.pickup import code_for, matches
from orders.state import OrdersState
from orders.store import orders, queries
from orders.usecases.cancel_order import CancelOrder, cancel_order
from orders.usecases.collect_order import CollectOrder, collect_order
from orders.usecases.place_order import PlaceOrder, place_order

ROUTER = router("/orders/v1")
_MAX_PARAMETERS = 100


class DestinationBody(Body):
    lat: float = Field(ge=-90, le=90, description="degrees, WGS 84")
    lon: float = Field(ge=-180, le=180)


class OrderBody(Body):
    design: Annotated[Text, Field(min_length=1, max_length=200)] = Field(description="slug or id")
    version: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | Annotated[Text, Field(max_length=100)] | None = Field(
        default=None, description="number or id; without it the newest"
    )
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=_MAX_PARAMETERS)
    material: Annotated[Text, Field(min_length=1, max_length=100)]
    quantity: StrictInt = Field(default=1, ge=1, le=100)
    destination: DestinationBody
    fulfilment: Literal["pickup"] = "pickup"


class CancelBody(Body):
    why: Annotated[Text, Field(min_length=1, max_length=500)] = "cancelled by the customer"


class CollectBody(Body):
    code: Annotated[Text, Field(min_length=1, max_length=40)]


@ROUTER.post(
    "/orders",
    status_code=201,
    summary="Place an order",
    response_model=PlacedOrder,
    responses=problem_responses(400, 401, 403, 422, 503),
)
async def place(body: OrderBody, request: Request, principal: Orderer, key: OptionalKey = None) -> Response:
    state, secret = service(request), credential(request)
    command = PlaceOrder(
        organisation_id=principal.organisation_id,
        design=body.design,
        version=body.version,
        parameters=body.parameters,
        material_id=body.material,
        quantity=body.quantity,
        destination=Destination(body.destination.lat, body.destination.lon),
        secret=secret,
    )

    async def act(uow: UnitOfWork) -> Response:
        with as_problems():
            order, why = await place_order(command, state.fulfilment, uow)
        first = queries.Told(0, order.status, order.placed_at, why)
        view = queries.OrderView(order, [first], [])
        return _answer(view, 201, Location=f"/orders/v1/orders/{order.id}")

    return await _with_code(await once(state.units, request, principal, require_key(key), act), state, secret)


@ROUTER.get(
    "/orders", summary="Own orders, the newest first", response_model=OrderPage, responses=problem_responses(401)
)
async def list_orders(
    request: Request,
    principal: Reader,
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
    status: Annotated[Status | None, Query()] = None,
) -> Response:
    before = pages.decode(cursor)
    async with service(request).units.read() as session:
        lines = await queries.listed(
            session,
            organisation_id=seen_by(principal),
            status=status,
            before=None if before is None else str(before[0]),
            limit=limit,
        )
    return JSONResponse(pages.page([line_shape(line) for line in lines], limit))


@ROUTER.get(
    "/orders/{order_id}", summary="One order", response_model=OrderShape, responses=problem_responses(401, 403, 404)
)
async def read(
    order_id: str,
    request: Request,
    principal: Reader,
    seen: Annotated[str | None, Header(alias="If-None-Match", max_length=100)] = None,
) -> Response:
    async with service(request).units.read() as session:
        view = await queries.view(session, plain_id("order", order_id))
    if view is None:
        raise NotFound("no-such-order", "There is no order of that id.")
    principal.must_own(view.order.organisation_id, "order")
    if seen is not None and seen.strip().removeprefix("W/") == etag(view.order):
        return Response(status_code=304, headers={"ETag": etag(view.order)})
    return _answer(view)


@ROUTER.post(
    "/orders/{order_id}/cancel",
    summary="Cancel an order that is not ready yet",
    response_model=OrderShape,
    responses=problem_responses(401, 403, 404, 409, 412),
)
async def cancel(
    order_id: str,
    request: Request,
    principal: Orderer,
    revision: Annotated[int | None, Depends(if_match)],
    body: CancelBody | None = None,
    key: OptionalKey = None,
) -> Response:
    state = service(request)
    why = (body or CancelBody()).why
    command = CancelOrder(plain_id("order", order_id), seen_by(principal), why, revision)

    async def act(uow: UnitOfWork) -> Response:
        with as_problems():
            order = await cancel_order(command, state.fulfilment, uow)
        return await _shown(order, uow)

    return await once(state.units, request, principal, key, act)


@ROUTER.post(
    "/orders/{order_id}/collect",
    summary="Hand an order over to who brings its code",
    response_model=OrderShape,
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def collect(
    order_id: str, body: CollectBody, request: Request, principal: Orderer, key: OptionalKey = None
) -> Response:
    state = service(request)
    command = CollectOrder(plain_id("order", order_id), seen_by(principal), body.code)

    async def act(uow: UnitOfWork) -> Response:
        with as_problems():
            order = await collect_order(command, uow)
        return await _shown(order, uow)

    return await once(state.units, request, principal, key, act)


async def _shown(order: Order, uow: UnitOfWork) -> Response:
    view = await queries.view(uow.session, order.id)
    assert view is not None
    return _answer(view)


def _answer(view: queries.OrderView, status: int = 200, **headers: str) -> JSONResponse:
    return JSONResponse(order_shape(view), status, headers={"ETag": etag(view.order), **headers})


async def _with_code(answer: Response, state: OrdersState, secret: str) -> Response:
    """The answer with the pickup code. What is kept for repeats is without it; who repeats with the same credential
    sees it again.
    """
    shown = json.loads(bytes(answer.body))
    code = code_for(secret, shown["id"])
    if "idempotent-replay" in answer.headers:
        async with state.units.read() as session:
            order = await orders.load(session, shown["id"])
        if order is None or not matches(code, order.id, order.pickup_code_sha256):
            return answer
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return JSONResponse({**shown, "pickup_code": code}, answer.status_code, headers=headers)
