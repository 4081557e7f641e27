"""Catalog's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
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

organisations = Table(
    "organisations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded_name", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
)

materials = Table(
    "materials",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("processes", ARRAY(String), nullable=False),
    Column("density_g_per_cm3", Double, nullable=False),
    Column("colours", ARRAY(String), nullable=False),
    Column("max_temperature_c", Double),
    Column("food_contact", Boolean, nullable=False),
    Column("sources", JSONB, nullable=False),
    Column("content_sha256", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("released_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

designs = Table(
    "designs",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("rights_holder_id", String, nullable=False),
    Column("rights_holder_name", String, nullable=False),
    Column("held_in_trust", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("current_version_id", String),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

versions = Table(
    "versions",
    metadata,
    Column("id", String, primary_key=True),
    Column("design_id", ForeignKey("designs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content_sha256", String, nullable=False),
    Column("title", String, nullable=False),
    Column("summary", String, nullable=False),
    Column("tags", ARRAY(String), nullable=False),
    Column("processes", ARRAY(String), nullable=False),
    Column("materials", ARRAY(String), nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("characteristics", JSONB, nullable=False),
    Column("fits", JSONB, nullable=False),
    Column("licence", JSONB, nullable=False),
    Column("requirements", JSONB, nullable=False),
    Column("requires", ARRAY(String), nullable=False),
    Column("extent_mm", ARRAY(Double), nullable=False),
    Column("volume_mm3", Double, nullable=False),
    Column("bodies", Integer, nullable=False),
    Column("released_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_why", String),
    Column("search_text", Text, nullable=False),
    UniqueConstraint("design_id", "number"),
    UniqueConstraint("design_id", "content_sha256"),
)

models = Table(
    "models",
    metadata,
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("design_toml", Text, nullable=False),
    Column("published_by", String, nullable=False),
)
"""What was published, as it came: the script and design.toml."""

fits = Table(
    "fits",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), nullable=False, index=True),
    Column("search_text", Text, nullable=False),
)
"""One row a machine that a version fits, in the form in which it is searched."""
