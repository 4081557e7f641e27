"""Proportional memory (PSS) of the whole embedded default at rest: eight hubs, one CAD worker."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from benchmarks.mesh import embedded, status
from benchmarks.result import Result

REST_S = 15
_KINDS = ("agent-", "machine-", "cad-worker-")


async def run() -> list[Result]:
    with embedded() as (data, _):
        await asyncio.sleep(REST_S)
        parts = status(data)
    by_kind: dict[str, float] = defaultdict(float)
    for part in parts:
        kind = next((kind.rstrip("-") + "s" for kind in _KINDS if part["name"].startswith(kind)), part["name"])
        by_kind[kind] += part["memory_mb"]
    lines = [Result(f"memory of {kind}", megabytes, "MB PSS") for kind, megabytes in sorted(by_kind.items())]
    return [*lines, Result("memory of everything", sum(by_kind.values()), "MB PSS", aim="< 2048")]
