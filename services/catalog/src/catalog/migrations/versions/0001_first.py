"""Designs, versions, materials, organisations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from chassis.migrate import create_chassis_tables_1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables_1(op)
    op.create_table(
        "organisations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded_name", sa.String, nullable=False, index=True),
        sa.Column("kind", sa.String, nullable=False),
    )
    op.create_table(
        "materials",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("processes", pg.ARRAY(sa.String), nullable=False),
        sa.Column("density_g_per_cm3", sa.Double, nullable=False),
        sa.Column("colours", pg.ARRAY(sa.String), nullable=False),
        sa.Column("max_temperature_c", sa.Double),
        sa.Column("food_contact", sa.Boolean, nullable=False),
        sa.Column("sources", pg.JSONB, nullable=False),
        sa.Column("content_sha256", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "designs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("slug", sa.String, nullable=False, unique=True),
        sa.Column("rights_holder_id", sa.String, nullable=False),
        sa.Column("rights_holder_name", sa.String, nullable=False),
        sa.Column("held_in_trust", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("current_version_id", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    _create_versions()
    _create_published()


def _create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("design_id", sa.String, sa.ForeignKey("designs.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content_sha256", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("summary", sa.String, nullable=False),
        sa.Column("tags", pg.ARRAY(sa.String), nullable=False),
        sa.Column("processes", pg.ARRAY(sa.String), nullable=False),
        sa.Column("materials", pg.ARRAY(sa.String), nullable=False),
        sa.Column("parameters", pg.JSONB, nullable=False),
        sa.Column("characteristics", pg.JSONB, nullable=False),
        sa.Column("fits", pg.JSONB, nullable=False),
        sa.Column("licence", pg.JSONB, nullable=False),
        sa.Column("requirements", pg.JSONB, nullable=False),
        sa.Column("requires", pg.ARRAY(sa.String), nullable=False),
        sa.Column("extent_mm", pg.ARRAY(sa.Double), nullable=False),
        sa.Column("volume_mm3", sa.Double, nullable=False),
        sa.Column("bodies", sa.Integer, nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_why", sa.String),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.UniqueConstraint("design_id", "number"),
        sa.UniqueConstraint("design_id", "content_sha256"),
    )


def _create_published() -> None:
    op.create_table(
        "models",
        sa.Column("version_id", sa.String, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("design_toml", sa.Text, nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
    )
    op.create_table(
        "fits",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("version_id", sa.String, sa.ForeignKey("versions.id"), nullable=False, index=True),
        sa.Column("search_text", sa.Text, nullable=False),
    )
