"""The CloudEvents 1.0 envelope, binary mode: attributes as `ce-` headers, the protobuf message as the body."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.message import Message

from messaging.errors import MalformedMessage

TRACE_HEADERS = ("traceparent", "tracestate")
PROTOBUF = "application/protobuf"
STRUCTURED_JSON = "application/cloudevents+json"
_REQUIRED = ("ce-id", "ce-type", "ce-source", "ce-subject", "ce-time")


def uuid7() -> str:
    """A UUIDv7 in text (RFC 9562 §5.7): sorts by the millisecond of its making."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way.

    `subject` is the aggregate's id: messages of one aggregate keep their order, and `aggregate_version` says which
    of its changes this is (0: the sender does not count). `correlation_id` is the business conversation (the order),
    `causation_id` the message that led to this one. `trace` holds the W3C trace headers. `content_type` says what
    `data` is: the protobuf message, or for a hub the whole event as JSON.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: bytes
    correlation_id: str = ""
    causation_id: str = ""
    aggregate_version: int = 0
    trace: Mapping[str, str] = field(default_factory=dict)
    content_type: str = PROTOBUF

    def headers(self) -> dict[str, str]:
        """The NATS headers of this envelope."""
        out = {
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-type": self.type,
            "ce-source": self.source,
            "ce-subject": self.subject,
            "ce-time": self.time.isoformat().replace("+00:00", "Z"),
            "content-type": self.content_type,
            **{name: value for name, value in self.trace.items() if name in TRACE_HEADERS},
        }
        if self.correlation_id:
            out["ce-correlationid"] = self.correlation_id
        if self.causation_id:
            out["ce-causationid"] = self.causation_id
        if self.aggregate_version:
            out["ce-aggregateversion"] = str(self.aggregate_version)
        return out


def seal(
    message: Message,
    *,
    source: str,
    subject: str,
    correlation_id: str = "",
    causation_id: str = "",
    aggregate_version: int = 0,
    trace: Mapping[str, str] | None = None,
) -> Envelope:
    """A new envelope with a fresh id around `message`."""
    return Envelope(
        id=uuid7(),
        type=message.DESCRIPTOR.full_name,
        source=source,
        subject=subject,
        time=datetime.now(UTC),
        data=message.SerializeToString(deterministic=True),
        correlation_id=correlation_id,
        causation_id=causation_id,
        aggregate_version=aggregate_version,
        trace=dict(trace or {}),
    )


def unseal(headers: Mapping[str, str] | None, data: bytes) -> Envelope:
    """The envelope that arrived. Raises MalformedMessage where an attribute is missing or unreadable."""
    given = {name.lower(): value for name, value in (headers or {}).items()}
    missing = [name for name in _REQUIRED if not given.get(name)]
    if missing:
        raise MalformedMessage(f"missing attributes: {', '.join(missing)}")
    try:
        moment = datetime.fromisoformat(given["ce-time"])
        version = int(given.get("ce-aggregateversion", "0"))
    except ValueError as error:
        raise MalformedMessage(f"unreadable attribute: {error}") from error
    return Envelope(
        id=given["ce-id"],
        type=given["ce-type"],
        source=given["ce-source"],
        subject=given["ce-subject"],
        time=moment,
        data=data,
        correlation_id=given.get("ce-correlationid", ""),
        causation_id=given.get("ce-causationid", ""),
        aggregate_version=version,
        trace={name: given[name] for name in TRACE_HEADERS if name in given},
        content_type=given.get("content-type", PROTOBUF),
    )
