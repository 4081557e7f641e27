"""Tables that every service has in its own database beside its own: outbox, inbox, idempotency, keys, sagas."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

PARTITIONS = 16
"""An aggregate's outbox rows all stand in one partition; a relay owns whole partitions."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("aggregate_id", String, nullable=False),
    Column("event_id", String, nullable=False, unique=True),
    Column("subject", String, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("published_at", DateTime(timezone=True)),
    Index("outbox_waiting", "partition", "id", postgresql_where=text("published_at is null")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", String, primary_key=True),
    Column("message_id", String, primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("organisation_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_sha256", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("key_id", String, nullable=False, unique=True),
    Column("organisation_id", String, nullable=False),
    Column("organisation_kind", String, nullable=False),
    Column("scopes", ARRAY(String), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

sagas = Table(
    "sagas",
    metadata,
    Column("saga", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("step", String, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("deadline_at", DateTime(timezone=True)),
    Column("attempt", Integer, nullable=False),
    Column("trace", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("sagas_due", "saga", "deadline_at", postgresql_where=text("deadline_at is not null")),
)

CHASSIS_TABLES = (outbox, inbox, idempotency_keys, access_keys, sagas)
