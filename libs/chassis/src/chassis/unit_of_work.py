"""One business change: state, outbox rows and inbox row land together or not at all.

`commit()` stands in this file and nowhere else.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message
from opentelemetry import propagate
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.tables import PARTITIONS, inbox, outbox
from messaging.envelope import STRUCTURED_JSON, Envelope, seal
from messaging.structured import to_json
from messaging.subjects import subject_of

Begin = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]
"""Opens a unit of work; leaving it without an error commits."""


class AlreadyHandledError(Exception):
    """The consumer has handled the message before; there is nothing to do."""


class UnitOfWork:
    """A database session and the messages that its change sends out."""

    def __init__(self, session: AsyncSession, *, source: str, cause: Envelope | None = None) -> None:
        self.session = session
        self.cause = cause
        self._source = source
        self._rows: list[dict[str, Any]] = []

    def emit(self, message: Message, *, aggregate_id: str, correlation_id: str = "", version: int = 0) -> None:
        """Send `message` (an event or a command) once this change is committed, after those of the same aggregate
        that were sent before. `correlation_id` is by default the cause's, else the aggregate itself.
        """
        self._append(subject_of(message), self._seal(message, aggregate_id, correlation_id, version))

    def emit_to_hub(
        self, message: Message, *, subject: str, event_id: str, aggregate_id: str, correlation_id: str = ""
    ) -> None:
        """Send `message` as structured JSON on `subject` (of `messaging.subjects.hub_jobs`), under an id of the
        sender's choosing: two with one id are one message.
        """
        sealed = replace(self._seal(message, aggregate_id, correlation_id, 0), id=event_id)
        self._append(subject, replace(sealed, data=to_json(sealed, message), content_type=STRUCTURED_JSON))

    def _seal(self, message: Message, aggregate_id: str, correlation_id: str, version: int) -> Envelope:
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        cause = self.cause
        return seal(
            message,
            source=self._source,
            subject=aggregate_id,
            correlation_id=correlation_id or (cause.correlation_id if cause else "") or aggregate_id,
            causation_id=cause.id if cause else "",
            aggregate_version=version,
            trace=carrier,
        )

    def _append(self, subject: str, envelope: Envelope) -> None:
        self._rows.append(
            {
                "partition": zlib.crc32(envelope.subject.encode()) % PARTITIONS,
                "aggregate_id": envelope.subject,
                "event_id": envelope.id,
                "subject": subject,
                "headers": envelope.headers(),
                "data": envelope.data,
            }
        )

    async def _finish(self) -> None:
        if self._rows:
            await self.session.execute(insert(outbox), self._rows)
            await self.session.execute(text("select pg_notify('outbox', '')"))
        await self.session.commit()


class UnitsOfWork:
    """Opens units of work on one database for one service."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], *, source: str) -> None:
        self._sessions = sessions
        self._source = source

    @asynccontextmanager
    async def begin(self, cause: Envelope | None = None) -> AsyncIterator[UnitOfWork]:
        """A transaction; leaving the block without an error commits it, any error rolls it back."""
        async with self._sessions() as session:
            unit = UnitOfWork(session, source=self._source, cause=cause)
            yield unit
            await unit._finish()  # noqa: SLF001 - the two classes are one idea

    @asynccontextmanager
    async def begin_once(self, consumer: str, cause: Envelope) -> AsyncIterator[UnitOfWork]:
        """A transaction for a message; raises AlreadyHandledError where `consumer` has handled it before."""
        async with self.begin(cause) as unit:
            row = upsert(inbox).values(consumer=consumer, message_id=cause.id)
            done = await unit.session.execute(row.on_conflict_do_nothing().returning(inbox.c.message_id))
            if done.first() is None:
                raise AlreadyHandledError(cause.id)
            yield unit

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading: nothing of it is committed."""
        async with self._sessions() as session:
            await session.execute(text("set transaction read only"))
            yield session
