"""All that the auditor looks at, read once, after the mesh has come to rest."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from messaging.connection import close, connect
from messaging.streams import DEAD_LETTERS, STREAMS

SERVICES = ("catalog", "orders", "routing", "quality", "fabrication")
Row = dict[str, Any]

_QUERIES = {
    "orders": {
        "orders": "select * from orders",
        "parts": "select * from parts",
        "timeline": "select * from timeline order by id",
        "job_orders": "select * from job_orders",
        "licences": "select * from licences",
        "ledger": "select * from licence_ledger order by id",
    },
    "routing": {
        "job_orders": "select * from job_orders",
        "allocations": "select * from allocations order by id",
        "superfluous": "select * from superfluous_parts",
        "reports": "select * from reports",
    },
    "fabrication": {"releases": "select * from releases", "programs": "select * from programs"},
    "quality": {
        "inspections": "select * from inspections",
        "decisions": "select i.id inspection_id, p->>'part_id' part_id, p->>'decision' decision "
        "from inspections i, jsonb_array_elements(i.parts) p",
    },
    "catalog": {},
}


@dataclass
class Evidence:
    """Rows by service and table, events by type, starts by machine, and what is still on its way."""

    rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    outbox: dict[str, list[Row]] = field(default_factory=dict)
    events: dict[str, set[str]] = field(default_factory=dict)
    event_subjects: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    undelivered: dict[str, int] = field(default_factory=dict)
    dead_letters: list[str] = field(default_factory=list)
    starts: list[Row] = field(default_factory=list)

    def table(self, service: str, name: str) -> list[Row]:
        return self.rows[service][name]


async def gather(endpoints: Row, data: Path) -> Evidence:
    """Read everything of an instance on the folder `data`."""
    found = Evidence()
    for service in SERVICES:
        connection = await asyncpg.connect(database_url(endpoints["postgres"], service))
        try:
            queries = _QUERIES[service]
            found.rows[service] = {
                name: [dict(row) for row in await connection.fetch(q)] for name, q in queries.items()
            }
            outbox = await connection.fetch("select event_id, subject, published_at, headers from outbox order by id")
            found.outbox[service] = [dict(row) for row in outbox]
        finally:
            await connection.close()
    client = await connect(endpoints["nats"], name="auditor", creds=Path(endpoints["nats_creds"]))
    try:
        await _read_streams(client.jetstream(), found)
    finally:
        await close(client)
    found.starts = [start for path in data.glob("hubs/*/*/starts.jsonl") for start in _starts(path)]
    return found


def database_url(superuser: str, service: str) -> str:
    """The URL of a service's database, as the superuser."""
    return urlunsplit(urlsplit(superuser)._replace(path=f"/{service}"))


async def _read_streams(js: JetStreamContext, found: Evidence) -> None:
    for config in STREAMS:
        name = config.name or ""
        for consumer in await js.consumers_info(name):
            waiting = (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)
            if waiting:
                found.undelivered[f"{name}/{consumer.name}"] = waiting
        if name.startswith("EVT_"):
            await _read_events(js, name, found)
    state = (await js.stream_info(DEAD_LETTERS)).state
    for sequence in range(max(1, state.first_seq), state.last_seq + 1):
        try:
            message = await js.get_msg(DEAD_LETTERS, sequence)
        except NotFoundError:
            continue
        found.dead_letters.append(f"{message.subject}: {(message.headers or {}).get('fabmesh-dead-reason')}")


async def _read_events(js: JetStreamContext, stream: str, found: Evidence) -> None:
    state = (await js.stream_info(stream)).state
    for sequence in range(max(1, state.first_seq), state.last_seq + 1):
        message = await js.get_msg(stream, sequence)
        headers = message.headers or {}
        found.events.setdefault(message.subject or "", set()).add(headers["ce-id"])
        found.event_subjects.setdefault(message.subject or "", []).append((headers["ce-id"], headers["ce-subject"]))


def _starts(path: Path) -> list[Row]:
    """The runs in a machine's start journal, each with the outcome that the machine itself wrote down."""
    machine = str(path.parent.relative_to(path.parents[2]))
    runs: dict[tuple[str, int], Row] = {}
    starts: list[Row] = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        key = (record.get("job_order", ""), record.get("token", 0))
        if record["event"] == "started":
            runs[key] = {"machine": machine, "outcome": "running", **record}
            starts.append(runs[key])
        elif record["event"] == "ended" and key in runs:
            runs[key]["outcome"] = record["outcome"]
    return starts
