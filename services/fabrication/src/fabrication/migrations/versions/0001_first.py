from alembic import op

from chassis.migrate import create_chassis_tables_1

revision = "0001"
down_revision = None

DDL = (
    """
    create table design_versions (
        version_id varchar primary key,
        design_id varchar not null,
        slug varchar not null,
        version integer not null,
        rights_holder_id varchar not null,
        model_source text not null,
        requires varchar[] not null,
        parameters jsonb not null,
        materials varchar[] not null,
        withdrawn_at timestamptz
    )
    """,
    "create index design_versions_by_design on design_versions (design_id, version)",
    "create index design_versions_by_slug on design_versions (slug, version)",
    "create table orders (order_id varchar primary key, organisation_id varchar not null)",
    """
    create table assessments (
        id varchar primary key,
        key varchar not null unique,
        version_id varchar not null,
        estimate jsonb,
        refusal jsonb,
        made_at timestamptz not null default clock_timestamp(),
        constraint estimate_or_refusal check ((estimate is null) <> (refusal is null))
    )
    """,
    """
    create table programs (
        id varchar primary key,
        key varchar not null unique,
        version_id varchar not null references design_versions (version_id),
        parameters jsonb not null,
        material_id varchar not null,
        profile_id varchar not null,
        profile_revision integer not null,
        calibration varchar not null,
        engine varchar not null,
        quantity integer not null,
        sha256 varchar not null,
        size_bytes bigint not null,
        minutes double precision not null,
        grams double precision not null,
        placements jsonb not null,
        verified boolean not null,
        findings jsonb not null,
        report jsonb not null,
        made_at timestamptz not null default clock_timestamp(),
        constraint programs_verified unique (id, verified)
    )
    """,
    """
    create table artefacts (
        program_id varchar not null references programs (id),
        name varchar not null,
        media_type varchar not null,
        sha256 varchar not null,
        size_bytes bigint not null,
        primary key (program_id, name)
    )
    """,
    """
    create table releases (
        job_order_id varchar not null,
        fencing_token bigint not null,
        order_id varchar not null,
        hub_id varchar not null,
        machine_id varchar not null,
        program_id varchar not null,
        program_verified boolean not null default true,
        released_at timestamptz not null default clock_timestamp(),
        primary key (job_order_id, fencing_token),
        constraint released_only_verified check (program_verified),
        constraint releases_program foreign key (program_id, program_verified) references programs (id, verified)
    )
    """,
    "create index releases_by_program on releases (program_id)",
    """
    create table released_profiles (
        profile_id varchar not null,
        revision integer not null,
        released_at timestamptz not null default clock_timestamp(),
        primary key (profile_id, revision)
    )
    """,
)


def upgrade() -> None:
    create_chassis_tables_1(op)
    for statement in DDL:
        op.execute(statement)
