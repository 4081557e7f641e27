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
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError

_EXPIRES_S = 25.0
_HEARTBEAT_S = 2.0
_SILENCE_S = 4.5
_ABSENT_S = 0.5
_NANO = 1_000_000_000
_IDLE = "100"
_GONE = ("409", "503")


async def pull(client: Client, *, stream: str, durable: str) -> AsyncGenerator[Msg, None]:
    """Its messages, one at a time, until the connection is closed."""
    question = {"batch": 1, "expires": int(_EXPIRES_S * _NANO), "idle_heartbeat": int(_HEARTBEAT_S * _NANO)}
    body = json.dumps(question).encode()
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
    inbox = client.new_inbox()
    answers = await client.subscribe(f"{inbox}.*")
    try:
        for number in itertools.count():
            if not client.is_connected:
                return
            await client.publish(subject, body, reply=f"{inbox}.{number}")
            msg = await _message(answers, f"{inbox}.{number}")
            if msg is not None:
                yield msg
    finally:
        with contextlib.suppress(NatsError):  # the connection may be gone, and with it the subscription
            await answers.unsubscribe()


async def _message(answers: Subscription, inbox: str) -> Msg | None:
    """The message that a pull brings, or None when it is time to ask again."""
    while True:
        try:
            msg = await answers.next_msg(timeout=_SILENCE_S)
        except NatsTimeoutError:
            return None
        status = (msg.headers or {}).get("Status")
        if status is None:
            return msg
        if msg.subject != inbox or status == _IDLE:
            continue
        if status in _GONE:
            await asyncio.sleep(_ABSENT_S)
        return None
