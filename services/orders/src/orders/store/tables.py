"""The tables of the orders service, beside those that every service has."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()


def _moment(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not required)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())


organisations = Table(
    "organisations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    _now("registered_at"),
    Index("organisations_name", text("lower(name)"), unique=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False, index=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(String), nullable=False),
    _now("issued_at"),
    _moment("expires_at"),
    _moment("revoked_at"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("seed", LargeBinary, nullable=False),
    _now("created_at"),
    _moment("retired_at"),
)

design_versions = Table(
    "design_versions",
    metadata,
    Column("id", String, primary_key=True),
    Column("design_id", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("rights_holder_id", String, nullable=False, index=True),
    Column("content", JSONB, nullable=False),
    _moment("withdrawn_at"),
    Column("withdrawn_why", String),
    Index("design_versions_design", "design_id", "number", unique=True),
    Index("design_versions_slug", "slug", "number"),
    Index("design_versions_withdrawn", "id", postgresql_where=text("withdrawn_at is not null")),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation_id", String, nullable=False),
    Column("design_id", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("version_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parameters_json", Text, nullable=False),
    Column("material_id", String, nullable=False),
    Column("lat_deg", Double, nullable=False),
    Column("lon_deg", Double, nullable=False),
    Column("price_amount", Numeric(18, 6)),
    Column("price_currency", String),
    Column("fee_amount", Numeric(18, 6)),
    Column("fee_currency", String),
    Column("status", String, nullable=False),
    Column("reasons", JSONB, nullable=False, server_default=text("'[]'")),
    Column("assessment_id", String),
    Column("pickup_hub_id", String),
    Column("pickup_hub_name", String),
    Column("pickup_code_sha256", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    _moment("placed_at", required=True),
    _moment("started_at"),
    Index("orders_of", "organisation_id", "id"),
    Index(
        "orders_not_started",
        "version_id",
        postgresql_where=text("started_at is null and status not in ('collected', 'cancelled', 'refused', 'failed')"),
    ),
)

parts = Table(
    "parts",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, ForeignKey("orders.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("licence_id", String),
    Column("unit", String),
    Column("hub_id", String),
    Index("parts_of", "order_id", "number", unique=True),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", String, ForeignKey("orders.id"), nullable=False),
    Column("status", String, nullable=False),
    _now("at"),
    Column("why", String, nullable=False),
    Index("timeline_of", "order_id", "id"),
)

assessments = Table(  # the message as it came; an assessment of one configuration serves many orders
    "assessments",
    metadata,
    Column("id", String, primary_key=True),
    Column("message", LargeBinary, nullable=False),
    _now("received_at"),
)

job_orders = Table(
    "job_orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, ForeignKey("orders.id"), nullable=False, index=True),
    Column("part_ids", ARRAY(String), nullable=False),
    Column("state", String, nullable=False),
    Column("hub_id", String),
    Column("hub_name", String),
    Column("machine_id", String),
    Column("profile_id", String),
    Column("fencing_token", BigInteger),
    Column("program", JSONB),
    Column("made", JSONB),
    _now("created_at"),
)

licences = Table(
    "licences",
    metadata,
    Column("id", String, primary_key=True),
    Column("design_id", String, nullable=False),
    Column("organisation_id", String, ForeignKey("organisations.id"), nullable=False),
    Column("rights_holder_id", String, nullable=False, index=True),
    Column("units", Integer),
    Column("available", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("territory", String, nullable=False),
    _moment("until"),
    _now("granted_at"),
    CheckConstraint("available >= 0", name="licences_available"),
    CheckConstraint("reserved >= 0", name="licences_reserved"),
    CheckConstraint("used >= 0", name="licences_used"),
    Index("licences_of", "organisation_id", "design_id"),
)

licence_ledger = Table(
    "licence_ledger",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("movement_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("licence_id", String, ForeignKey("licences.id"), nullable=False, index=True),
    Column("account", String, nullable=False),
    Column("units", Integer, nullable=False),
    Column("part_id", String),
    Column("order_id", String),
    Column("fee_amount", Numeric(18, 6)),
    Column("fee_currency", String),
    _now("at"),
    CheckConstraint("units <> 0", name="licence_ledger_units"),
    # One part's unit is reserved, used and returned once at the most.
    Index(
        "licence_ledger_once", "part_id", "kind", "account", unique=True, postgresql_where=text("part_id is not null")
    ),
)
