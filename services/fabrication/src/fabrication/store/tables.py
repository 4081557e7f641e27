"""Fabrication's own tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())


design_versions = Table(
    "design_versions",
    metadata,
    Column("version_id", String, primary_key=True),
    Column("design_id", String, nullable=False),
    Column("slug", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rights_holder_id", String, nullable=False),
    Column("model_source", Text, nullable=False),
    Column("requires", ARRAY(String), nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("materials", ARRAY(String), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Index("design_versions_by_design", "design_id", "version"),
    Index("design_versions_by_slug", "slug", "version"),
)
"""Own copy of the catalogue's released versions, scripts included."""

orders = Table(
    "orders",
    metadata,
    Column("order_id", String, primary_key=True),
    Column("organisation_id", String, nullable=False),
)
"""Whose each order is, so that a buyer sees the programs of its own orders."""

assessments = Table(
    "assessments",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("version_id", String, nullable=False),
    Column("estimate", JSONB(none_as_null=True)),
    Column("refusal", JSONB(none_as_null=True)),
    _now("made_at"),
    CheckConstraint("(estimate is null) <> (refusal is null)", name="estimate_or_refusal"),
)

programs = Table(
    "programs",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("version_id", String, ForeignKey("design_versions.version_id"), nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("material_id", String, nullable=False),
    Column("profile_id", String, nullable=False),
    Column("profile_revision", Integer, nullable=False),
    Column("calibration", String, nullable=False),
    Column("engine", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("minutes", Double, nullable=False),
    Column("grams", Double, nullable=False),
    Column("placements", JSONB, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("report", JSONB, nullable=False),
    _now("made_at"),
    UniqueConstraint("id", "verified", name="programs_verified"),
)

artefacts = Table(
    "artefacts",
    metadata,
    Column("program_id", String, ForeignKey("programs.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("job_order_id", String, primary_key=True),
    Column("fencing_token", BigInteger, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("hub_id", String, nullable=False),
    Column("machine_id", String, nullable=False),
    Column("program_id", String, nullable=False),
    Column("program_verified", Boolean, nullable=False, server_default="true"),
    _now("released_at"),
    CheckConstraint("program_verified", name="released_only_verified"),
    ForeignKeyConstraint(
        ["program_id", "program_verified"], ["programs.id", "programs.verified"], name="releases_program"
    ),
    Index("releases_by_program", "program_id"),
)
"""A program that did not pass its verification cannot stand here: the foreign key sees to it."""

released_profiles = Table(
    "released_profiles",
    metadata,
    Column("profile_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    _now("released_at"),
)
