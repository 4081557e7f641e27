"""Hubs, machines, stock, profiles, job orders, allocations, reports; the sequence of tokens."""

from alembic import op

from chassis.migrate import create_chassis_tables_1

revision = "0001"
down_revision = None

_PLACED = "state in ('pending', 'ready', 'dispatched', 'running')"

_STATEMENTS = (
    "create sequence fencing_tokens",
    """
    create table hubs (
        id text primary key,
        slug text not null unique,
        name text not null,
        organisation_id text not null,
        lat_deg double precision not null check (lat_deg between -90 and 90),
        lon_deg double precision not null check (lon_deg between -180 and 180),
        timezone text not null,
        opening_hours jsonb not null,
        presence text not null check (presence in ('registered', 'online', 'lost')),
        cordoned boolean not null,
        last_heard_at timestamptz,
        agent_version text not null,
        enrolment_token_sha256 bytea unique,
        public_nkey text,
        enrolled_at timestamptz,
        created_at timestamptz not null
    )
    """,
    "create index hubs_heard on hubs (last_heard_at) where presence = 'online'",
    """
    create table machines (
        id text primary key,
        hub_id text not null references hubs,
        name text not null,
        profile_id text not null,
        state text not null,
        heard_at timestamptz,
        unique (hub_id, name)
    )
    """,
    """
    create table stock (
        hub_id text references hubs,
        material_id text,
        grams double precision not null,
        primary key (hub_id, material_id)
    )
    """,
    """
    create table profiles (
        id text primary key,
        revision text not null,
        title text not null,
        process text not null,
        x_mm double precision not null,
        y_mm double precision not null,
        z_mm double precision not null,
        material_ids text[] not null
    )
    """,
    """
    create table job_orders (
        id text primary key,
        order_id text not null,
        organisation_id text not null,
        requirements jsonb not null,
        state text not null check (state in
            ('waiting', 'pending', 'ready', 'dispatched', 'running', 'completed', 'aborted', 'cancelled')),
        version integer not null,
        token bigint not null,
        hub_id text,
        machine_id text,
        lease_token bigint,
        lease_expires_at timestamptz,
        lapsed boolean not null,
        claimed_at timestamptz,
        started_at timestamptz,
        fraction double precision not null,
        last_sequence integer not null,
        material_id text not null,
        minutes double precision not null,
        grams double precision not null,
        ahead integer not null,
        distance_km double precision not null,
        promised_at timestamptz,
        program jsonb,
        setbacks jsonb not null,
        reasons jsonb not null,
        download_key_sha256 bytea,
        trace jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        tried_at timestamptz,
        check (lease_token is null or lease_token <= token),
        check (state not in ('pending', 'ready', 'dispatched', 'running') or coalesce(lease_token = token, false))
    )
    """,
    f"create index job_orders_placed on job_orders (hub_id) where {_PLACED}",
    f"create index job_orders_leased on job_orders (lease_expires_at) where {_PLACED}",
    "create index job_orders_waiting on job_orders (tried_at) where state = 'waiting'",
    "create unique index job_orders_download on job_orders (download_key_sha256) where download_key_sha256 is not null",
    "create index job_orders_order on job_orders (order_id)",
    """
    create table allocations (
        id bigint generated always as identity primary key,
        job_order_id text not null,
        token bigint,
        outcome text not null check (outcome in ('chosen', 'waiting', 'refused')),
        decided_at timestamptz not null,
        record jsonb not null,
        unique (job_order_id, token)
    )
    """,
    """
    create table reports (
        hub_id text,
        report_id text,
        job_order_id text not null,
        machine_id text not null,
        token bigint not null,
        sequence integer not null,
        kind text not null,
        accepted boolean not null,
        why text not null,
        heard_at timestamptz not null,
        primary key (hub_id, report_id)
    )
    """,
    "create index reports_job_order on reports (job_order_id)",
    """
    create table superfluous_parts (
        job_order_id text,
        token bigint,
        hub_id text not null,
        machine_id text not null,
        part_ids text[] not null,
        used_g double precision not null,
        recorded_at timestamptz not null,
        primary key (job_order_id, token)
    )
    """,
    """
    create table network_events (
        id bigint generated always as identity primary key,
        hub_id text not null,
        what text not null,
        at timestamptz not null
    )
    """,
    "create index network_events_hub on network_events (hub_id, id)",
    "create table network (one boolean primary key check (one), changed_at timestamptz not null)",
    "insert into network values (true, clock_timestamp())",
)


def upgrade() -> None:
    create_chassis_tables_1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
