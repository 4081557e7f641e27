"""The peer of POST /orders: bare FastAPI and asyncpg that write the same rows in one transaction, and nothing else.

The rows are those that the service wrote for one order, read at the start; each request writes them with a new id.
Run as `python -m benchmarks.bare_orders DATABASE_URL ORDER_ID PORT`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from messaging.envelope import uuid7

TABLES = {
    "orders": "id = $1",
    "parts": "order_id = $1",
    "timeline": "order_id = $1",
    "outbox": "headers->>'ce-correlationid' = $1",
    "sagas": "id = $1",
    "idempotency_keys": "convert_from(body, 'UTF8') like '%' || $1 || '%'",
}
_COLUMNS = "information_schema.columns where table_name = $1"
Statement = tuple[str, list[list[Any]]]


class Wish(BaseModel):
    design: str
    material: str
    quantity: int
    parameters: dict[str, Any]
    destination: dict[str, float]
    fulfilment: str


async def template(pool: asyncpg.Pool, order_id: str) -> list[Statement]:
    """An insert for each table, and the rows that the service wrote."""
    found = []
    for table, where in TABLES.items():
        rows = await pool.fetch(f"select * from {table} where {where}", order_id)
        generated = await pool.fetch(f"select column_name from {_COLUMNS} and identity_generation = 'ALWAYS'", table)
        left_out = {row["column_name"] for row in generated}
        names = [name for name in rows[0].keys() if name not in left_out]  # noqa: SIM118 - a record iterates values
        places = ", ".join(f"${number + 1}" for number in range(len(names)))
        insert = f"insert into {table} ({', '.join(names)}) values ({places})"
        found.append((insert, [[row[name] for name in names] for row in rows]))
    return found


def fresh(value: Any, marks: dict[str, str]) -> Any:
    """The value with every id of the template replaced."""
    if isinstance(value, str):
        for known, mark in marks.items():
            value = value.replace(known, mark)
    return value


def app(url: str, order_id: str) -> FastAPI:
    state: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state["pool"] = await asyncpg.create_pool(url, min_size=8, max_size=8)
        state["template"] = await template(state["pool"], order_id)
        state["known"] = ids(state["template"], order_id)
        yield
        await state["pool"].close()

    bare = FastAPI(lifespan=lifespan)

    @bare.post("/orders/v1/orders", status_code=201)
    async def post(wish: Wish, request: Request) -> dict[str, str]:
        marks = {known: uuid7() for known in state["known"]}
        marks[request.app.state.key] = request.headers["idempotency-key"]
        async with state["pool"].acquire() as connection, connection.transaction():
            for insert, rows in state["template"]:
                await connection.executemany(insert, [[fresh(v, marks) for v in row] for row in rows])
        return {"id": marks[order_id], "design": wish.design}

    bare.state.key = "template"
    return bare


def ids(statements: list[Statement], order_id: str) -> set[str]:
    """The order's id and every other UUID that is a whole value of a row."""
    whole = {value for _, rows in statements for row in rows for value in row if isinstance(value, str)}
    return {order_id} | {value for value in whole if len(value) == 36 and value.count("-") == 4 and value[14] == "7"}


if __name__ == "__main__":
    _, database_url, template_order, port = sys.argv
    uvicorn.run(app(database_url, template_order), port=int(port), loop="uvloop", http="httptools", access_log=False)
