"""Publishing to JetStream with an acknowledgement for each message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import PubAck

from messaging.envelope import Envelope
from messaging.errors import NotPublished

MSG_ID = "Nats-Msg-Id"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An envelope and the subject it goes to."""

    subject: str
    envelope: Envelope


class Publisher:
    """Publishes envelopes; the event's id is its deduplication id, so that a repeat within the window is dropped."""

    def __init__(self, js: JetStreamContext, *, timeout_s: float = 5.0) -> None:
        self._js = js
        self._timeout_s = timeout_s

    async def publish(self, subject: str, envelope: Envelope) -> None:
        """Publish one message. Raises NotPublished unless the server acknowledged it."""
        (error,) = await self.publish_batch([Outgoing(subject, envelope)])
        if error is not None:
            raise error

    async def publish_batch(self, batch: Sequence[Outgoing]) -> list[NotPublished | None]:
        """Publish in order, pipelined; for each message None when acknowledged, or why not."""
        futures: list[asyncio.Future[PubAck]] = []
        for item in batch:
            headers = item.envelope.headers() | {MSG_ID: item.envelope.id}
            try:
                futures.append(
                    await self._js.publish_async(
                        item.subject, item.envelope.data, headers=headers, wait_stall=self._timeout_s
                    )
                )
            except (NatsError, OSError) as error:
                failed: asyncio.Future[PubAck] = asyncio.get_running_loop().create_future()
                failed.set_exception(NotPublished(f"{item.subject}: {error}"))
                futures.append(failed)
        if futures:
            await asyncio.wait(futures, timeout=self._timeout_s)
        return [_outcome(item, future) for item, future in zip(batch, futures, strict=True)]


def _outcome(item: Outgoing, future: asyncio.Future[PubAck]) -> NotPublished | None:
    if not future.done():
        future.cancel()
        return NotPublished(f"{item.subject}: not acknowledged in time")
    error = future.exception()
    return None if error is None else NotPublished(f"{item.subject}: {error}")
