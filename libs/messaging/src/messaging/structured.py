"""CloudEvents 1.0, structured mode: attributes and a ProtoJSON body in one JSON text, as spoken on `hub.>`.

Any machine can read it, also one whose client knows no headers. ProtoJSON's parser accepts more than it should (an
empty list as a message, numbers for unknown enum values, NUL in text), so what it accepts is checked again here.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from messaging.envelope import TRACE_HEADERS, Envelope, unseal
from messaging.errors import MalformedMessage

M = TypeVar("M", bound=Message)

_EXTENSIONS = ("correlationid", "causationid", "aggregateversion")
MAX_BYTES = 256 * 1024


def to_json(envelope: Envelope, message: Message) -> bytes:
    """The structured form of `message` in its envelope."""
    headers = envelope.headers()
    event: dict[str, Any] = {
        name.removeprefix("ce-"): value for name, value in headers.items() if name.startswith("ce-")
    }
    event["datacontenttype"] = "application/json"
    event |= {name: headers[name] for name in TRACE_HEADERS if name in headers}
    event["data"] = json_format.MessageToDict(message)
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def from_json(body: bytes, kind: type[M]) -> tuple[Envelope, M]:
    """The envelope and message in `body`. Raises MalformedMessage where it is not one of `kind`."""
    if len(body) > MAX_BYTES:
        raise MalformedMessage(f"{len(body)} bytes; {MAX_BYTES} are the most")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"not JSON: {error}") from error
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise MalformedMessage("a JSON object with a `data` object is wanted")
    if "\\u0000" in body.decode(errors="replace"):
        raise MalformedMessage("NUL in text")
    if event.get("type") != kind.DESCRIPTOR.full_name:
        raise MalformedMessage(f"type {event.get('type')!r}; {kind.DESCRIPTOR.full_name} is wanted")
    message = kind()
    try:
        json_format.ParseDict(event["data"], message, max_recursion_depth=20)
    except (json_format.ParseError, UnicodeError, RecursionError) as error:
        raise MalformedMessage(str(error)) from error
    names = ("id", "type", "source", "subject", "time", *_EXTENSIONS)
    headers = {f"ce-{name}": str(event[name]) for name in names if name in event}
    headers |= {name: str(event[name]) for name in TRACE_HEADERS if name in event}
    return unseal(headers, message.SerializeToString(deterministic=True)), message
