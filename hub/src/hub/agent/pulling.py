"""Pulling messages from a durable that somebody else makes, and may make again.

A pull asks for an idle heartbeat: while it is not heard the consumer does not exist (yet, or any more), or has
forgotten the pull, and it is asked for again. A pull expires well before the import between the accounts forgets whom
to answer (2 minutes).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncGenerator

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

_EXPIRES_S = 25.0
_HEARTBEAT_S = 2.0
_SILENCE_S = 4.5
_ABSENT_S = 0.5
_LOOK_S = 0.5
_NANO = 1_000_000_000
_IDLE = "100"
_GONE = ("409", "503")


async def pull(client: Client, *, stream: str, durable: str) -> AsyncGenerator[Msg, None]:
    """Its messages, one at a time, until the connection is closed."""
    question = {"batch": 1, "expires": int(_EXPIRES_S * _NANO), "idle_heartbeat": int(_HEARTBEAT_S * _NANO)}
    body = json.dumps(question).encode()
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
    inbox = client.new_inbox()
    answers: asyncio.Queue[Msg] = asyncio.Queue()
    subscription = await client.subscribe(f"{inbox}.*", cb=answers.put)
    try:
        for number in itertools.count():
            await client.publish(subject, body, reply=f"{inbox}.{number}")
            msg = await _message(client, answers, f"{inbox}.{number}")
            if msg is not None:
                yield msg
            if not client.is_connected:
                return
    finally:
        with contextlib.suppress(NatsError):  # the connection may be gone, and with it the subscription
            await subscription.unsubscribe()


async def _message(client: Client, answers: asyncio.Queue[Msg], inbox: str) -> Msg | None:
    """The message that a pull brings, or None when it is time to ask again."""
    looks = 0
    while looks * _LOOK_S < _SILENCE_S and client.is_connected:
        try:
            msg = await asyncio.wait_for(answers.get(), _LOOK_S)
        except TimeoutError:
            looks += 1
            continue
        status = (msg.headers or {}).get("Status")
        if status is None:
            return msg
        if msg.subject != inbox:
            continue
        if status != _IDLE:
            await asyncio.sleep(_ABSENT_S if status in _GONE else 0)
            return None
        looks = 0
    return None
