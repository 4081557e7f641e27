"""Alembic without files: each service's migrations are a package of its own, applied under a lock."""

from __future__ import annotations

import importlib.resources
from typing import Protocol

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.settings import ServiceSettings
from chassis.tables import metadata

_LOCK = 0x0FABDB


def script_directory(package: str) -> ScriptDirectory:
    """The migrations of a service, found inside its package."""
    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files(package)))
    return ScriptDirectory.from_config(config)


async def migrate(package: str, settings: ServiceSettings) -> list[str]:
    """Bring the database to the newest revision; answers the revisions applied. Safe to run from several processes."""
    engine = create_async_engine(settings.sqlalchemy_url(), connect_args={"timeout": 10})
    try:
        async with engine.begin() as connection:
            await connection.execute(text("set local lock_timeout = '4s'"))
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            return await connection.run_sync(_upgrade, script_directory(package))
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, scripts: ScriptDirectory) -> list[str]:
    context = MigrationContext.configure(connection)
    done = []
    with Operations.context(context):
        current = context.get_current_revision()
        for step in reversed(list(scripts.iterate_revisions("head", current or "base"))):
            step.module.upgrade()
            context.stamp(scripts, step.revision)
            done.append(step.revision)
    return done


class Operating(Protocol):
    """Alembic's `op`, of which the connection alone is needed."""

    def get_bind(self) -> Connection:
        """The connection that is migrated."""


def create_chassis_tables_1(op: Operating) -> None:
    """The chassis' tables as of their first version; called by each service's first migration."""
    metadata.create_all(op.get_bind(), checkfirst=False)
