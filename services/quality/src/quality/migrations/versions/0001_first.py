"""Copies of orders and design versions; plans, inspections, measurements, nonconformances."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from chassis.migrate import create_chassis_tables_1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables_1(op)
    op.create_table(
        "orders",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("organisation_id", sa.String, nullable=False),
    )
    op.create_table(
        "design_versions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("design_id", sa.String, nullable=False),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("rules", pg.JSONB, nullable=False),
    )
    op.create_table(
        "inspection_plans",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("version_id", sa.String, nullable=False),
        sa.Column("parameters_json", sa.String, nullable=False),
        sa.Column("content_sha256", sa.String, nullable=False, unique=True),
        sa.Column("characteristics", pg.JSONB, nullable=False),
    )
    _create_inspections()
    _create_findings()


def _create_inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("order_id", sa.String, nullable=False, index=True),
        sa.Column("job_order_id", sa.String, nullable=False, unique=True),
        sa.Column("hub_id", sa.String, nullable=False),
        sa.Column("machine_id", sa.String, nullable=False),
        sa.Column("program_sha256", sa.String, nullable=False),
        sa.Column("plan_id", sa.String, sa.ForeignKey("inspection_plans.id"), nullable=False, index=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("parts", pg.JSONB, nullable=False),
        sa.Column("set_aside", pg.JSONB, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
    )
    op.create_index("inspections_by_status", "inspections", ["status", "id"])


def _create_findings() -> None:
    op.create_table(
        "measurements",
        sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("inspection_id", sa.String, sa.ForeignKey("inspections.id"), nullable=False, index=True),
        sa.Column("part_id", sa.String, nullable=False),
        sa.Column("characteristic", sa.String, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("instrument", sa.String, nullable=False),
        sa.Column("gauge", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("entered_by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "nonconformances",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("inspection_id", sa.String, sa.ForeignKey("inspections.id"), nullable=False),
        sa.Column("order_id", sa.String, nullable=False, index=True),
        sa.Column("job_order_id", sa.String, nullable=False),
        sa.Column("part_id", sa.String, nullable=False),
        sa.Column("hub_id", sa.String, nullable=False),
        sa.Column("machine_id", sa.String, nullable=False, index=True),
        sa.Column("reasons", pg.JSONB, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("inspection_id", "part_id"),
    )
