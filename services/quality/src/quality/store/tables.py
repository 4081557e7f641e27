"""Quality's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation_id", String, nullable=False),
)
"""Whose an order is: the copy that decides who may see its inspections."""

design_versions = Table(
    "design_versions",
    metadata,
    Column("id", String, primary_key=True),
    Column("design_id", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("rules", JSONB, nullable=False),
)
"""The copy of each version's characteristics, as expressions of its parameters."""

inspection_plans = Table(
    "inspection_plans",
    metadata,
    Column("id", String, primary_key=True),
    Column("version_id", String, nullable=False),
    Column("parameters_json", String, nullable=False),
    Column("content_sha256", String, nullable=False, unique=True),
    Column("characteristics", JSONB, nullable=False),
)

inspections = Table(
    "inspections",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, nullable=False, index=True),
    Column("job_order_id", String, nullable=False, unique=True),
    Column("hub_id", String, nullable=False),
    Column("machine_id", String, nullable=False),
    Column("program_sha256", String, nullable=False),
    Column("plan_id", ForeignKey("inspection_plans.id"), nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("set_aside", JSONB, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Index("inspections_by_status", "status", "id"),
)

measurements = Table(
    "measurements",
    metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("inspection_id", ForeignKey("inspections.id"), nullable=False, index=True),
    Column("part_id", String, nullable=False),
    Column("characteristic", String, nullable=False),
    Column("value", Double, nullable=False),
    Column("unit", String, nullable=False),
    Column("instrument", String, nullable=False),
    Column("gauge", String, nullable=False),
    Column("source", String, nullable=False),
    Column("entered_by", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""Only ever added to; the last of a part and characteristic counts."""

nonconformances = Table(
    "nonconformances",
    metadata,
    Column("id", String, primary_key=True),
    Column("inspection_id", ForeignKey("inspections.id"), nullable=False),
    Column("order_id", String, nullable=False, index=True),
    Column("job_order_id", String, nullable=False),
    Column("part_id", String, nullable=False),
    Column("hub_id", String, nullable=False),
    Column("machine_id", String, nullable=False, index=True),
    Column("reasons", JSONB, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("inspection_id", "part_id"),
)
