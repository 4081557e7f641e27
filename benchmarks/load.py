"""A light HTTP client: sixteen connections that each send the next request when the last is answered."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from messaging.envelope import uuid7


@dataclass(frozen=True)
class Load:
    """What a run measured."""

    per_s: float
    p50_ms: float
    p99_ms: float


async def post_many(port: int, path: str, body: dict[str, Any], key: str, *, count: int, at_once: int = 16) -> Load:
    """POST `count` times with a new Idempotency-Key each. Raises where an answer is not 201."""
    payload = json.dumps(body).encode()
    left = iter(range(count))
    taken: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                f"Idempotency-Key: {uuid7()}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(payload)}\r\n\r\n"
            )
            begun = time.perf_counter()
            writer.write(head.encode() + payload)
            await _answer(reader)
            taken.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(at_once)))
    seconds = time.perf_counter() - begun
    ranked = statistics.quantiles(taken, n=100)
    return Load(count / seconds, 1000 * ranked[49], 1000 * ranked[98])


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
    body = await reader.readexactly(length)
    if " 201 " not in head.split("\r\n")[0]:
        raise RuntimeError(f"{head.splitlines()[0]}: {body[:300].decode(errors='replace')}")
