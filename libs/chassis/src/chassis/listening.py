"""From JetStream to a handler in one transaction: what a service's consumers/ are written against."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from chassis.database import UNAVAILABLE, is_transient
from chassis.unit_of_work import AlreadyHandledError, UnitOfWork, UnitsOfWork
from messaging.consumer import Handler, Received, Subscription
from messaging.errors import RetryLater
from messaging.streams import COMMANDS, stream_for
from messaging.subjects import subject_of

_LONG_AT_ONCE = 128
"""Long-running messages that all processes of a service together may have in hand."""

InTransaction = Callable[[Any, UnitOfWork], Awaitable[None]]
"""`async def handle(message, uow)`: the change and the inbox row are committed together after it returns."""

LongRunning = Callable[[Any, "Incoming"], Awaitable[None]]
"""`async def handle(message, incoming)`: works first, then opens its own transaction by `incoming.begin()`."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that is handled outside a transaction, and the way to open the one that records the result."""

    received: Received
    begin: Callable[[], AbstractAsyncContextManager[UnitOfWork]]


@dataclass(frozen=True)
class Listener:
    """What one file in consumers/ offers: the messages of one source and their handlers.

    `source` names the file: a context (`catalog`), or `commands` for those sent to this service. Handlers in `long`
    run outside a transaction; a process takes no more of those than it has lanes, so that what it cannot begin is left
    to other processes. `lanes` is how many aggregates are handled side by side; `role` is the role of the service in
    which it listens.
    """

    source: str
    handlers: Mapping[type[Message], InTransaction] | None = None
    long: Mapping[type[Message], LongRunning] | None = None
    lanes: int = 8
    ack_wait_s: float = 10.0
    attempts: int = 6
    role: str = "consumers"

    def subscriptions(self, service: str, units: UnitsOfWork) -> list[Subscription]:
        """The durables that carry this listener: one for each stream its messages stand in."""
        by_stream: dict[str, dict[type[Message], Handler]] = {}
        for kind, handle in (self.handlers or {}).items():
            by_stream.setdefault(_stream(kind), {})[kind] = _transactional(f"{service}.{self.source}", units, handle)
        for kind, work in (self.long or {}).items():
            by_stream.setdefault(_stream(kind), {})[kind] = _long_running(f"{service}.{self.source}", units, work)
        return [
            Subscription(
                service=service,
                durable=f"{service}-{self.source}" + ("" if len(by_stream) == 1 else f"-{stream.lower()}"),
                stream=stream,
                handlers=handlers,
                lanes=self.lanes,
                max_ack_pending=max(2, self.lanes * 8) if self.handlers else _LONG_AT_ONCE,
                prefetch=None if self.handlers else self.lanes,
                ack_wait_s=self.ack_wait_s,
                attempts=self.attempts,
                transient=UNAVAILABLE,
            )
            for stream, handlers in by_stream.items()
        ]


def _stream(kind: type[Message]) -> str:
    subject = subject_of(kind)
    return COMMANDS if subject.startswith("cmd.") else stream_for(subject)


def _transactional(consumer: str, units: UnitsOfWork, handle: InTransaction) -> Handler:
    async def handler(received: Received) -> None:
        try:
            async with units.begin_once(consumer, received.envelope) as uow:
                await handle(received.message, uow)
        except AlreadyHandledError:
            return
        except Exception as error:
            raise _later(error) from error

    return handler


def _long_running(consumer: str, units: UnitsOfWork, work: LongRunning) -> Handler:
    async def handler(received: Received) -> None:
        incoming = Incoming(received, lambda: units.begin_once(consumer, received.envelope))
        try:
            await work(received.message, incoming)
        except AlreadyHandledError:
            return
        except Exception as error:
            raise _later(error) from error

    return handler


def _later(error: Exception) -> Exception:
    """What does not count against the message, as RetryLater; every other error as it is."""
    if isinstance(error, RetryLater) or not is_transient(error):
        return error
    return RetryLater(f"{type(error).__name__}: {error}", delay_s=0.5)
