"""Pull consumers with three outcomes: ack; nak with back-off; dead letter with its reason, then term.

Messages of one aggregate are handled one after the other (a lane is chosen by the aggregate's id), those of
different aggregates side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from opentelemetry import propagate, trace

from messaging.dead_letters import death_headers
from messaging.envelope import Envelope, unseal
from messaging.errors import MalformedMessage, Reject, RetryLater
from messaging.subjects import dead_letter, subject_of

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.messaging")


@dataclass(frozen=True, slots=True)
class Received:
    """A message as a handler sees it."""

    envelope: Envelope
    message: Message
    attempt: int


Handler = Callable[[Received], Awaitable[None]]


@dataclass(frozen=True)
class Subscription:
    """One durable of one service on one stream, and the handlers of the messages it wants.

    `attempts` failures of a handler make a dead letter. Failures of what stands behind it (`transient`: database or
    broker away) only wait, up to `max_deliver` deliveries. `ack_wait_s` is renewed while a handler works. `prefetch` is
    how many messages a process holds at a time, by default four a lane.
    """

    service: str
    durable: str
    stream: str
    handlers: Mapping[type[Message], Handler]
    attempts: int = 6
    max_deliver: int = 200
    ack_wait_s: float = 10.0
    max_ack_pending: int = 128
    lanes: int = 8
    transient: tuple[type[BaseException], ...] = (OSError, TimeoutError)
    deliver: DeliverPolicy = DeliverPolicy.ALL
    prefetch: int | None = None
    by_subject: Mapping[str, tuple[type[Message], Handler]] = field(init=False)

    def __post_init__(self) -> None:
        table = {subject_of(kind): (kind, handler) for kind, handler in self.handlers.items()}
        object.__setattr__(self, "by_subject", table)

    def config(self) -> ConsumerConfig:
        """The durable as JetStream keeps it."""
        return ConsumerConfig(
            durable_name=self.durable,
            filter_subjects=self.subjects(),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self.ack_wait_s,
            max_deliver=self.max_deliver,
            max_ack_pending=self.max_ack_pending,
            deliver_policy=self.deliver,
        )

    def subjects(self) -> list[str]:
        """The subjects that it wants of its stream."""
        return sorted(self.by_subject)

    def lane_of(self, msg: Msg) -> str:
        """Messages with the same answer are handled one after the other: those of one aggregate."""
        return (msg.headers or {}).get("ce-subject", "")

    def queue_of(self, msg: Msg) -> str:
        """Where the message is kept when it is finally given up."""
        return dead_letter(self.service, msg.subject.rsplit(".", 1)[-1])

    async def handle(self, msg: Msg, attempt: int) -> None:
        """Read one message and give it to its handler. Raises MalformedMessage, Reject, and what the handler does."""
        found = self.by_subject.get(msg.subject)
        if found is None:
            raise Reject(f"no handler for {msg.subject}")
        kind, handler = found
        envelope = unseal(msg.headers, msg.data)
        try:
            message = kind.FromString(envelope.data)
        except DecodeError as error:
            raise MalformedMessage(f"not a {kind.DESCRIPTOR.full_name}: {error}") from error
        with handling(envelope, msg.subject):
            await handler(Received(envelope, message, attempt))


def handling(envelope: Envelope, subject: str) -> AbstractContextManager[trace.Span]:
    """A span around the handling of a message, in the trace that it came in."""
    return tracer.start_as_current_span(
        f"handle {envelope.type.rsplit('.', 1)[-1]}",
        context=propagate.extract(dict(envelope.trace)),
        kind=trace.SpanKind.CONSUMER,
        attributes={
            "messaging.system": "nats",
            "messaging.destination.name": subject,
            "messaging.message.id": envelope.id,
            "messaging.message.conversation_id": envelope.correlation_id,
        },
    )


class Consumer:
    """Runs one subscription until it is stopped."""

    def __init__(self, js: JetStreamContext, subscription: Subscription) -> None:
        self._js = js
        self._sub = subscription
        self._lanes: list[asyncio.Queue[Msg]] = [asyncio.Queue() for _ in range(subscription.lanes)]
        self._in_hand = 0
        self._settled = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and handle until `stop` is set, then finish what is in hand and give the rest back."""
        workers = [asyncio.create_task(self._work(lane)) for lane in self._lanes]
        try:
            while not stop.is_set():
                try:
                    await self._fetch_until_stopped(stop)
                except (NatsError, OSError, TimeoutError) as error:
                    log.warning("%s: %s; binding again", self._sub.durable, error or type(error).__name__)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), 0.5)
        finally:
            await self._drain(workers)

    async def _fetch_until_stopped(self, stop: asyncio.Event) -> None:
        await self._js.add_consumer(self._sub.stream, self._sub.config())
        pull = await self._js.pull_subscribe_bind(durable=self._sub.durable, stream=self._sub.stream)
        batch = max(1, min(self._sub.max_ack_pending // 2, self._sub.prefetch or 4 * self._sub.lanes))
        try:
            while not stop.is_set():
                fetch = asyncio.create_task(self._fetch(pull, max(1, batch - self._in_hand)))
                if not await _before(stop, fetch):
                    return
                for msg in fetch.result():
                    self._in_hand += 1
                    self._lanes[self._lane_of(msg)].put_nowait(msg)
                if self._in_hand >= batch:
                    await _before(stop, asyncio.create_task(self._until_fewer_than(batch)))
        finally:
            with contextlib.suppress(Exception):
                await pull.unsubscribe()

    async def _until_fewer_than(self, limit: int) -> None:
        while self._in_hand >= limit:
            self._settled.clear()
            await self._settled.wait()

    async def _fetch(self, pull: JetStreamContext.PullSubscription, batch: int) -> list[Msg]:
        try:
            return await pull.fetch(batch, timeout=5)
        except (TimeoutError, NotFoundError):
            if not self._js._nc.is_connected:  # noqa: SLF001 - no public way to ask the context
                await asyncio.sleep(0.2)
            else:
                await self._js.consumer_info(self._sub.stream, self._sub.durable)
            return []

    def _lane_of(self, msg: Msg) -> int:
        return zlib.crc32(self._sub.lane_of(msg).encode()) % len(self._lanes)

    async def _work(self, lane: asyncio.Queue[Msg]) -> None:
        while True:
            msg = await lane.get()
            try:
                await self._settle(msg)
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("%s: could not settle a message: %s; it will come again", self._sub.durable, error)
            finally:
                self._in_hand -= 1
                self._settled.set()

    async def _settle(self, msg: Msg) -> None:
        attempt = msg.metadata.num_delivered or 1
        if attempt > self._sub.attempts * 3 and attempt >= self._sub.max_deliver:
            await self._bury(msg, f"delivered {attempt} times and never finished", attempt)
            return
        try:
            await self._handle(msg, attempt)
        except (Reject, MalformedMessage) as error:
            await self._bury(msg, f"{type(error).__name__}: {error}", attempt)
        except RetryLater as error:
            await msg.nak(delay=error.delay_s)
        except asyncio.CancelledError:  # the process ends: somebody else may begin at once
            with contextlib.suppress(NatsError, OSError):
                await msg.nak()
            raise
        except self._sub.transient as error:
            log.warning("%s: %s: %s; later", self._sub.durable, msg.subject, error or type(error).__name__)
            await msg.nak(delay=_back_off(min(attempt, 5)))
        except Exception as error:  # a handler's fault must not end the loop: this is the loop that owns it
            log.exception("%s: %s failed, attempt %d", self._sub.durable, msg.subject, attempt)
            if attempt >= self._sub.attempts:
                await self._bury(msg, f"{type(error).__name__}: {error}", attempt)
            else:
                await msg.nak(delay=_back_off(attempt))
        else:
            await msg.ack()

    async def _handle(self, msg: Msg, attempt: int) -> None:
        keep = asyncio.create_task(self._keep(msg))
        try:
            await self._sub.handle(msg, attempt)
        finally:
            keep.cancel()

    async def _keep(self, msg: Msg) -> None:
        """Tell the server every third of the ack wait that the handler is still at it."""
        while True:
            await asyncio.sleep(self._sub.ack_wait_s / 3)
            with contextlib.suppress(NatsError, OSError):
                await msg.in_progress()

    async def _bury(self, msg: Msg, reason: str, attempt: int) -> None:
        log.error("%s: %s dead-lettered: %s", self._sub.durable, msg.subject, reason)
        headers = death_headers(msg.headers or {}, subject=msg.subject, reason=reason, attempts=attempt)
        headers["Nats-Msg-Id"] = f"{self._sub.durable}-{msg.metadata.stream}-{msg.metadata.sequence.stream}"
        await self._js.publish(self._sub.queue_of(msg), msg.data, headers=headers)
        await msg.term()

    async def _drain(self, workers: list[asyncio.Task[None]]) -> None:
        """Give back what no lane has begun; let what is begun finish, for ten seconds at the most."""
        for lane in self._lanes:
            while not lane.empty():
                msg = lane.get_nowait()
                self._in_hand -= 1
                with contextlib.suppress(NatsError, OSError):
                    await msg.nak()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await self._until_fewer_than(1)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _before(stop: asyncio.Event, task: asyncio.Task[Any]) -> bool:
    """Wait for the task; False where `stop` was set before it ended: it is cancelled then."""
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if task.done():
        return True
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return False


def _back_off(attempt: int) -> float:
    """Seconds before the next delivery: 0.2, 0.4, 0.8 … 10, with a fifth of jitter."""
    return float(min(10.0, 0.1 * 2**attempt) * random.uniform(0.8, 1.2))
