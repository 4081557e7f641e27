"""The migrations make the tables that the service writes to."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.tables import CHASSIS_TABLES
from orders.settings import OrdersSettings
from orders.store.tables import metadata

pytestmark = pytest.mark.integration


async def test_the_database_has_the_tables_of_the_code(settings: OrdersSettings) -> None:
    declared = MetaData()
    for table in (*metadata.tables.values(), *CHASSIS_TABLES):
        table.to_metadata(declared)
    engine = create_async_engine(settings.sqlalchemy_url())
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences, declared) == []
    await engine.dispose()


def _differences(connection: Connection, declared: MetaData) -> list[Any]:
    found = compare_metadata(MigrationContext.configure(connection), declared)
    return [each for each in found if "alembic_version" not in str(each)]
