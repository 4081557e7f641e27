"""The first tables."""

from __future__ import annotations

from alembic import op

from chassis.migrate import create_chassis_tables_1

revision = "0001"
down_revision = None

ORGANISATIONS = """
create table organisations (
    id varchar primary key,
    name varchar not null,
    kind varchar not null,
    registered_at timestamptz not null default clock_timestamp()
);
create unique index organisations_name on organisations (lower(name));

create table api_keys (
    id varchar primary key,
    organisation_id varchar not null references organisations (id),
    sha256 bytea not null unique,
    scopes varchar[] not null,
    issued_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz
);
create index ix_api_keys_organisation_id on api_keys (organisation_id);

create table signing_keys (
    id varchar primary key,
    seed bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    retired_at timestamptz
);
"""

DESIGNS = """
create table design_versions (
    id varchar primary key,
    design_id varchar not null,
    slug varchar not null,
    number integer not null,
    title varchar not null,
    rights_holder_id varchar not null,
    content jsonb not null,
    withdrawn_at timestamptz,
    withdrawn_why varchar
);
create unique index design_versions_design on design_versions (design_id, number);
create index design_versions_slug on design_versions (slug, number);
create index design_versions_withdrawn on design_versions (id) where withdrawn_at is not null;
create index ix_design_versions_rights_holder_id on design_versions (rights_holder_id);
"""

ORDERS = """
create table orders (
    id varchar primary key,
    organisation_id varchar not null,
    design_id varchar not null,
    slug varchar not null,
    version_id varchar not null,
    version integer not null,
    parameters_json text not null,
    material_id varchar not null,
    lat_deg double precision not null,
    lon_deg double precision not null,
    price_amount numeric(18, 6),
    price_currency varchar,
    fee_amount numeric(18, 6),
    fee_currency varchar,
    status varchar not null,
    reasons jsonb not null default '[]',
    assessment_id varchar,
    pickup_hub_id varchar,
    pickup_hub_name varchar,
    pickup_code_sha256 bytea not null,
    revision integer not null,
    placed_at timestamptz not null,
    started_at timestamptz
);
create index orders_of on orders (organisation_id, id);
create index orders_not_started on orders (version_id)
    where started_at is null and status not in ('collected', 'cancelled', 'refused', 'failed');

create table parts (
    id varchar primary key,
    order_id varchar not null references orders (id),
    number integer not null,
    status varchar not null,
    licence_id varchar,
    unit varchar,
    hub_id varchar
);
create unique index parts_of on parts (order_id, number);

create table timeline (
    id bigint generated always as identity primary key,
    order_id varchar not null references orders (id),
    status varchar not null,
    at timestamptz not null default clock_timestamp(),
    why varchar not null
);
create index timeline_of on timeline (order_id, id);

create table assessments (
    id varchar primary key,
    message bytea not null,
    received_at timestamptz not null default clock_timestamp()
);

create table job_orders (
    id varchar primary key,
    order_id varchar not null references orders (id),
    part_ids varchar[] not null,
    state varchar not null,
    hub_id varchar,
    hub_name varchar,
    machine_id varchar,
    profile_id varchar,
    fencing_token bigint,
    program jsonb,
    made jsonb,
    created_at timestamptz not null default clock_timestamp()
);
create index ix_job_orders_order_id on job_orders (order_id);
"""

LICENCES = """
create table licences (
    id varchar primary key,
    design_id varchar not null,
    organisation_id varchar not null references organisations (id),
    rights_holder_id varchar not null,
    units integer,
    available integer not null constraint licences_available check (available >= 0),
    reserved integer not null constraint licences_reserved check (reserved >= 0),
    used integer not null constraint licences_used check (used >= 0),
    territory varchar not null,
    until timestamptz,
    granted_at timestamptz not null default clock_timestamp()
);
create index licences_of on licences (organisation_id, design_id);
create index ix_licences_rights_holder_id on licences (rights_holder_id);

create table licence_ledger (
    id bigint generated always as identity primary key,
    movement_id varchar not null,
    kind varchar not null,
    licence_id varchar not null references licences (id),
    account varchar not null,
    units integer not null constraint licence_ledger_units check (units <> 0),
    part_id varchar,
    order_id varchar,
    fee_amount numeric(18, 6),
    fee_currency varchar,
    at timestamptz not null default clock_timestamp()
);
create index ix_licence_ledger_licence_id on licence_ledger (licence_id);
create unique index licence_ledger_once on licence_ledger (part_id, kind, account) where part_id is not null;
"""

# Whoever follows an order over HTTP is woken by the commit that told something new of it.
NOTIFY = """
create function tell_of_timeline() returns trigger language plpgsql as $$
begin
    perform pg_notify('timeline', new.order_id);
    return null;
end $$;
create trigger timeline_told after insert on timeline for each row execute function tell_of_timeline();
"""


def upgrade() -> None:
    create_chassis_tables_1(op)
    for tables in (ORGANISATIONS, DESIGNS, ORDERS, LICENCES):
        for statement in filter(None, map(str.strip, tables.split(";"))):
            op.execute(statement)
    function, trigger, _ = NOTIFY.partition("create trigger")
    op.execute(function)
    op.execute(trigger + NOTIFY.partition("create trigger")[2])
