"""Every stream of the mesh, declared once. The launcher or a Kubernetes Job applies them; services only bind."""

from __future__ import annotations

from collections.abc import Sequence

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

_DAY_S = 86_400
_DEDUP_WINDOW_S = 120
_MIB = 1024 * 1024

MAX_HUBS = 20_000
"""Consumers on JOBS, one a hub: the server allows 1,000 a stream unless told otherwise."""

JOBS = "JOBS"
REPORTS = "REPORTS"
DEAD_LETTERS = "DEAD"
COMMANDS = "COMMANDS"
ACCESS = "EVT_ACCESS"
ACCESS_SUBJECTS = (
    "evt.orders.v1.api-key-issued",
    "evt.orders.v1.api-key-revoked",
    "evt.orders.v1.organisation-registered",
)


def events_stream(context: str) -> str:
    """The stream that keeps the events of one context."""
    return f"EVT_{context.upper()}"


def stream_for(subject: str) -> str:
    """The stream in which a subject is kept."""
    if subject in ACCESS_SUBJECTS:
        return ACCESS
    kind, context = subject.split(".")[:2]
    return {"evt": events_stream(context), "cmd": COMMANDS, "dlq": DEAD_LETTERS}[kind]


def _events(context: str, *, subjects: list[str] | None = None, max_age_s: float = 30 * _DAY_S) -> StreamConfig:
    return StreamConfig(
        name=events_stream(context),
        subjects=subjects or [f"evt.{context}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=max_age_s,
        max_bytes=512 * _MIB,
        discard=DiscardPolicy.NEW if max_age_s == 0 else DiscardPolicy.OLD,
        duplicate_window=_DEDUP_WINDOW_S,
    )


_ORDER_SUBJECTS = [
    f"evt.orders.v1.{name}"
    for name in (
        "order-placed",
        "order-ready-for-pickup",
        "order-collected",
        "order-cancelled",
        "order-refused",
        "order-failed",
        "licence-unit-reserved",
        "licence-unit-used",
        "licence-unit-returned",
    )
]

STREAMS: tuple[StreamConfig, ...] = (
    _events("catalog", max_age_s=0),  # for ever: a new service rebuilds its copy from it
    _events("orders", subjects=_ORDER_SUBJECTS),
    StreamConfig(  # for ever, apart from the orders: every service rebuilds its copy of the keys from it
        name=ACCESS,
        subjects=list(ACCESS_SUBJECTS),
        storage=StorageType.FILE,
        max_bytes=64 * _MIB,
        discard=DiscardPolicy.NEW,
        duplicate_window=_DEDUP_WINDOW_S,
    ),
    _events("routing"),
    _events("fabrication", max_age_s=0),  # profiles are rebuilt from it
    _events("quality"),
    StreamConfig(
        name=COMMANDS,
        subjects=["cmd.>"],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        max_bytes=512 * _MIB,
        discard=DiscardPolicy.NEW,
        duplicate_window=_DEDUP_WINDOW_S,
    ),
    StreamConfig(
        name=JOBS,
        subjects=["hub.*.jobs.*"],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        max_consumers=MAX_HUBS,
        max_bytes=512 * _MIB,
        discard=DiscardPolicy.NEW,
        duplicate_window=_DEDUP_WINDOW_S,
    ),
    StreamConfig(  # a hub that floods stops itself at its own subject's limit and nobody else
        name=REPORTS,
        subjects=["hub.*.reports.*"],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        max_msgs_per_subject=1_000,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_msg_size=256 * 1024,
        max_bytes=2048 * _MIB,
        duplicate_window=_DEDUP_WINDOW_S,
    ),
    StreamConfig(
        name=DEAD_LETTERS,
        subjects=["dlq.>"],
        storage=StorageType.FILE,
        max_bytes=256 * _MIB,
        discard=DiscardPolicy.NEW,
        duplicate_window=_DEDUP_WINDOW_S,
    ),
)


ARTEFACTS = StreamConfig(  # the object store `artefacts`, as NATS clients lay one out (ADR-20); where no disk is shared
    name="OBJ_artefacts",
    subjects=["$O.artefacts.C.>", "$O.artefacts.M.>"],
    storage=StorageType.FILE,
    max_bytes=20 * 1024 * _MIB,
    discard=DiscardPolicy.NEW,
    allow_rollup_hdrs=True,
    allow_direct=True,
)


async def apply(js: JetStreamContext, streams: Sequence[StreamConfig] = STREAMS) -> list[str]:
    """Create or update declared streams; answers what was done, a line each. Safe to repeat."""
    done = []
    for config in streams:
        name = config.name or ""
        try:
            await js.stream_info(name)
        except NotFoundError:
            await js.add_stream(config)
            done.append(f"{name} created")
        else:
            await js.update_stream(config)
            done.append(f"{name} up to date")
    return done
