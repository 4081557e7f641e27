"""Subjects are derived from message names; nobody writes one by hand.

`fabmesh.orders.v1.OrderPlaced` in events.proto   → `evt.orders.v1.order-placed`
`fabmesh.routing.v1.AllocateJobOrder` in commands.proto → `cmd.routing.v1.allocate-job-order`
`fabmesh.fabrication.v1.InspectModel` in requests.proto → `req.fabrication.v1.inspect-model`
"""

from __future__ import annotations

import re

from google.protobuf.message import Message

_KIND_BY_FILE = {"events.proto": "evt", "commands.proto": "cmd", "requests.proto": "req"}
_HUB_ID = re.compile(r"[A-Za-z0-9_-]+")


def kebab(name: str) -> str:
    """`NcProgramVerified` → `nc-program-verified`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def subject_of(message: type[Message] | Message) -> str:
    """The subject on which a message travels. Raises ValueError for one that stands in no routable file."""
    descriptor = message.DESCRIPTOR
    folder, _, file_name = descriptor.file.name.rpartition("/")
    kind = _KIND_BY_FILE.get(file_name)
    if kind is None:
        raise ValueError(f"{descriptor.full_name} is neither event, command nor request")
    _, context, version = folder.split("/")
    return f"{kind}.{context}.{version}.{kebab(descriptor.name)}"


def context_of(message: type[Message] | Message) -> str:
    """The context that owns a message: `orders` for `fabmesh.orders.v1.OrderPlaced`."""
    return str(message.DESCRIPTOR.file.name.split("/")[1])


def _token(value: str) -> str:
    if not _HUB_ID.fullmatch(value):
        raise ValueError(f"{value!r} cannot stand in a subject: letters, digits, - and _ only")
    return value


def hub_jobs(hub_id: str, machine_id: str) -> str:
    """Where job offers for one machine are published, by routing alone."""
    return f"hub.{_token(hub_id)}.jobs.{_token(machine_id)}"


def hub_reports(hub_id: str, machine_id: str) -> str:
    """Where a hub's agent publishes what a machine did."""
    return f"hub.{_token(hub_id)}.reports.{_token(machine_id)}"


def hub_claims(hub_id: str) -> str:
    """Where a hub's agent asks for the right to start a job order."""
    return f"hub.{_token(hub_id)}.claims"


def hub_heartbeat(hub_id: str) -> str:
    """Where a hub's agent says that it lives, and hears which leases are renewed."""
    return f"hub.{_token(hub_id)}.heartbeat"


def dead_letter(service: str, handler: str) -> str:
    """Where the messages that `handler` of `service` finally failed on are kept."""
    return f"dlq.{_token(service)}.{_token(handler)}"
