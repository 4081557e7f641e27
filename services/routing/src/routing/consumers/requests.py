"""Requests from hubs: structured JSON in, structured JSON out, a bounded number at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from chassis.database import is_transient

log = logging.getLogger(__name__)

QUEUE = "routing"
_AT_ONCE = 8

Answer = Callable[[str, bytes], Awaitable[bytes | None]]
"""`async def answer(subject, body)`: the reply, or None to say nothing (the hub will ask again)."""


async def answer_until_stopped(nats: Client, subject: str, answer: Answer, stop: asyncio.Event) -> None:
    """Answer requests on `subject`, shared among all processes of routing, until `stop` is set; those in hand are
    finished.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    running: set[asyncio.Task[None]] = set()

    async def reply(msg: Msg) -> None:
        async with gate:
            try:
                body = await answer(msg.subject, msg.data)
            except Exception as error:  # the loop that owns its handlers' faults
                if is_transient(error):
                    log.warning("%s is not answered: %s", msg.subject, error or type(error).__name__)
                else:
                    log.exception("answering %s", msg.subject)
                return
            if body is not None and msg.reply:
                with contextlib.suppress(NatsError, OSError):  # the hub asks again
                    await nats.publish(msg.reply, body)

    async def accept(msg: Msg) -> None:
        task = asyncio.create_task(reply(msg))
        running.add(task)
        task.add_done_callback(running.discard)

    subscription = await nats.subscribe(subject, queue=QUEUE, cb=accept)
    await stop.wait()
    with contextlib.suppress(NatsError, OSError):
        await subscription.unsubscribe()
    if running:
        await asyncio.wait(running, timeout=10)
