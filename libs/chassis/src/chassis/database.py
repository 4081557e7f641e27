"""The service's own PostgreSQL database."""

from __future__ import annotations

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from chassis.settings import ServiceSettings

UNAVAILABLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    PoolTimeout,
    InterfaceError,
    OperationalError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut in the middle of an operation
)
"""What is raised while the database is away, shutting down, or all its connections are taken: wait and try again."""

_TRANSIENT_SQLSTATE = ("08", "40", "53", "57P", "55P03")


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: connection lost, serialization, out of resources, server shutting down."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", "") or "")
        return error.connection_invalidated or isinstance(error, UNAVAILABLE) or state.startswith(_TRANSIENT_SQLSTATE)
    return isinstance(error, UNAVAILABLE)


class Database:
    """One engine and its sessions. Opening it connects to nothing yet."""

    def __init__(self, settings: ServiceSettings, *, application_name: str) -> None:
        self.engine: AsyncEngine = create_async_engine(
            settings.sqlalchemy_url(),
            pool_size=settings.pool_size,
            max_overflow=settings.pool_size,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args={
                "timeout": 5,
                "server_settings": {
                    "application_name": application_name,
                    "statement_timeout": "15000",
                    "idle_in_transaction_session_timeout": "60000",
                },
            },
        )
        self.sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(self.engine, expire_on_commit=False)

    async def ping(self) -> None:
        """Raises one of UNAVAILABLE when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
