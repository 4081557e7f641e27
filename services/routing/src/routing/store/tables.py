"""Tables of routing's database, beside those of the chassis."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
_MOMENT = DateTime(timezone=True)

fencing_tokens = Sequence("fencing_tokens", metadata=metadata)
"""One for the whole network: a token that was given once is never given again, and a later one is higher."""

hubs = Table(
    "hubs",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("lat_deg", Double, nullable=False),
    Column("lon_deg", Double, nullable=False),
    Column("timezone", String, nullable=False),
    Column("opening_hours", JSONB, nullable=False),
    Column("presence", String, nullable=False),
    Column("cordoned", Boolean, nullable=False),
    Column("last_heard_at", _MOMENT),
    Column("agent_version", String, nullable=False),
    Column("enrolment_token_sha256", LargeBinary, unique=True),
    Column("public_nkey", String),
    Column("enrolled_at", _MOMENT),
    Column("created_at", _MOMENT, nullable=False),
    Index("hubs_heard", "last_heard_at", postgresql_where=text("presence = 'online'")),
)

machines = Table(
    "machines",
    metadata,
    Column("id", String, primary_key=True),
    Column("hub_id", String, ForeignKey("hubs.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("profile_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("heard_at", _MOMENT),
    UniqueConstraint("hub_id", "name"),
)

stock = Table(
    "stock",
    metadata,
    Column("hub_id", String, ForeignKey("hubs.id"), primary_key=True),
    Column("material_id", String, primary_key=True),
    Column("grams", Double, nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    Column("id", String, primary_key=True),
    Column("revision", String, nullable=False),
    Column("title", String, nullable=False),
    Column("process", String, nullable=False),
    Column("x_mm", Double, nullable=False),
    Column("y_mm", Double, nullable=False),
    Column("z_mm", Double, nullable=False),
    Column("material_ids", ARRAY(String), nullable=False),
)

job_orders = Table(
    "job_orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("requirements", JSONB, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("hub_id", String),
    Column("machine_id", String),
    Column("lease_token", BigInteger),
    Column("lease_expires_at", _MOMENT),
    Column("lapsed", Boolean, nullable=False),
    Column("claimed_at", _MOMENT),
    Column("started_at", _MOMENT),
    Column("fraction", Double, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("material_id", String, nullable=False),
    Column("minutes", Double, nullable=False),
    Column("grams", Double, nullable=False),
    Column("ahead", Integer, nullable=False),
    Column("distance_km", Double, nullable=False),
    Column("promised_at", _MOMENT),
    Column("program", JSONB),
    Column("setbacks", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("download_key_sha256", LargeBinary),
    Column("trace", JSONB, nullable=False),
    Column("created_at", _MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    Column("tried_at", _MOMENT),
    Index("job_orders_placed", "hub_id", postgresql_where=text("state in ('pending','ready','dispatched','running')")),
    Index(
        "job_orders_leased",
        "lease_expires_at",
        postgresql_where=text("state in ('pending','ready','dispatched','running')"),
    ),
    Index("job_orders_waiting", "tried_at", postgresql_where=text("state = 'waiting'")),
    Index(
        "job_orders_download",
        "download_key_sha256",
        unique=True,
        postgresql_where=text("download_key_sha256 is not null"),
    ),
    Index("job_orders_order", "order_id"),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_order_id", String, nullable=False),
    Column("token", BigInteger),
    Column("outcome", String, nullable=False),
    Column("decided_at", _MOMENT, nullable=False),
    Column("record", JSONB, nullable=False),
    UniqueConstraint("job_order_id", "token"),
)

reports = Table(
    "reports",
    metadata,
    Column("hub_id", String, primary_key=True),
    Column("report_id", String, primary_key=True),
    Column("job_order_id", String, nullable=False),
    Column("machine_id", String, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("why", String, nullable=False),
    Column("heard_at", _MOMENT, nullable=False),
    Index("reports_job_order", "job_order_id"),
)

superfluous_parts = Table(
    "superfluous_parts",
    metadata,
    Column("job_order_id", String, primary_key=True),
    Column("token", BigInteger, primary_key=True),
    Column("hub_id", String, nullable=False),
    Column("machine_id", String, nullable=False),
    Column("part_ids", ARRAY(String), nullable=False),
    Column("used_g", Double, nullable=False),
    Column("recorded_at", _MOMENT, nullable=False),
)

network_events = Table(
    "network_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("hub_id", String, nullable=False),
    Column("what", String, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Index("network_events_hub", "hub_id", "id"),
)

network = Table(
    "network",
    metadata,
    Column("one", Boolean, primary_key=True),
    Column("changed_at", _MOMENT, nullable=False),
)
"""One row: when the network last became able to do more than before, so that waiting job orders are tried again."""
