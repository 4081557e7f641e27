"""Request and reply with a deadline: for the few answers that must be fresh."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from opentelemetry import propagate, trace

from messaging.envelope import seal, unseal
from messaging.errors import MalformedMessage, NobodyAnswered, RequestFailed
from messaging.subjects import subject_of

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.messaging")

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
_CODE, _DETAIL = "fabmesh-error-code", "fabmesh-error-detail"


async def ask(nc: Client, question: Message, answer: type[A], *, source: str, timeout_s: float) -> A:
    """Send `question` to its owner and wait for its answer.

    Raises NobodyAnswered when there is no owner or the deadline passes, RequestFailed when the owner refuses.
    """
    trace_headers: dict[str, str] = {}
    subject = subject_of(question)
    with tracer.start_as_current_span(f"ask {question.DESCRIPTOR.name}", kind=trace.SpanKind.CLIENT):
        propagate.inject(trace_headers)
        envelope = seal(question, source=source, subject=subject, trace=trace_headers)
        try:
            reply = await nc.request(subject, envelope.data, timeout=timeout_s, headers=envelope.headers())
        except (NatsError, OSError, TimeoutError) as error:
            raise NobodyAnswered("nobody-answered", f"{subject}: {type(error).__name__}") from error
    headers = reply.headers or {}
    if _CODE in headers:
        raise RequestFailed(headers[_CODE], headers.get(_DETAIL, ""))
    try:
        return answer.FromString(reply.data)
    except DecodeError as error:
        raise RequestFailed("malformed-answer", str(error)) from error


async def serve(
    nc: Client,
    kind: type[Q],
    handler: Callable[[Q], Awaitable[Message]],
    *,
    service: str,
    at_once: int = 1,
) -> Subscription:
    """Answer requests of `kind`, shared among all processes of `service`, `at_once` of them here at a time."""
    gate = asyncio.Semaphore(at_once)
    running: set[asyncio.Task[None]] = set()

    async def answer(msg: Msg) -> None:
        async with gate:
            headers: dict[str, str] = {}
            data = b""
            try:
                envelope = unseal(msg.headers, msg.data)
                context = propagate.extract(dict(envelope.trace))
                with tracer.start_as_current_span(
                    f"answer {kind.DESCRIPTOR.name}", context=context, kind=trace.SpanKind.SERVER
                ):
                    data = (await handler(kind.FromString(msg.data))).SerializeToString()
            except RequestFailed as error:
                headers = {_CODE: error.code, _DETAIL: " ".join(error.detail.split())}
            except (MalformedMessage, DecodeError) as error:
                headers = {_CODE: "malformed-request", _DETAIL: " ".join(str(error).split())}
            except Exception:  # the loop that owns its handlers' faults
                log.exception("answering %s", msg.subject)
                headers = {_CODE: "internal-error", _DETAIL: f"{service} failed on this request"}
            await nc.publish(msg.reply, data, headers=headers or None)

    async def accept(msg: Msg) -> None:
        task = asyncio.create_task(answer(msg))
        running.add(task)
        task.add_done_callback(running.discard)

    return await nc.subscribe(subject_of(kind), queue=service, cb=accept)
