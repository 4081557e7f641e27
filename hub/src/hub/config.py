"""The configuration of an agent (`hub.toml`). Relative paths are relative to the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ConfigInvalid
from hub.toml_table import Table

DRIVERS = ("virtual",)
TOKEN_VARIABLE = "FABMESH_ENROLMENT_TOKEN"  # noqa: S105 - the variable's name, no secret
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class MachineEntry:
    """One machine beside the agent. Without `id` it is found by its `name` in the answer to the enrolment."""

    id: str
    name: str
    profile_id: str
    driver: str
    address: str


@dataclass(frozen=True)
class AgentConfig:
    """One hub's agent. An empty `nats_url` means the one that the enrolment answers."""

    data_dir: Path
    edge_url: str
    nats_url: str
    enrolment_token: str
    machines: tuple[MachineEntry, ...]
    poll_s: float = 0.25
    max_program_mb: float = 64.0


def load_agent_config(path: Path, environment: Mapping[str, str]) -> AgentConfig:
    """Read `path`; the enrolment token may also stand in FABMESH_ENROLMENT_TOKEN. Raises ConfigInvalid."""
    table = Table.read(path)
    config = AgentConfig(
        data_dir=(path.parent / table.take("data_dir", str)).resolve(),
        edge_url=_url(table.take("edge_url", str), ("http", "https"), path).rstrip("/"),
        nats_url=table.take("nats_url", str, ""),
        enrolment_token=table.take("enrolment_token", str, environment.get(TOKEN_VARIABLE, "")),
        machines=tuple(_machine(row) for row in table.rows("machines")),
        poll_s=table.number("poll_s", AgentConfig.poll_s, low=0.02, high=10),
        max_program_mb=table.number("max_program_mb", AgentConfig.max_program_mb, low=0.1, high=1024),
    )
    table.done()
    if config.nats_url:
        _url(config.nats_url, ("nats", "tls"), path)
    if not config.machines:
        raise ConfigInvalid(f"{path}: no [[machines]]; an agent serves at least one")
    for what in ("id", "name", "address"):
        given = [value for each in config.machines if (value := getattr(each, what))]
        if len(set(given)) != len(given):
            raise ConfigInvalid(f"{path}: two machines have the same {what}")
    return config


def _machine(row: Table) -> MachineEntry:
    entry = MachineEntry(
        id=row.take("id", str, ""),
        name=row.take("name", str, ""),
        profile_id=row.take("profile_id", str, ""),
        driver=row.take("driver", str, "virtual"),
        address=row.take("address", str),
    )
    row.done()
    if not entry.id and not entry.name:
        raise ConfigInvalid(f"{row.place}: `id` or `name` is wanted")
    if entry.id and not _ID.fullmatch(entry.id):
        raise ConfigInvalid(f"{row.place}: id {entry.id!r}: letters, digits, - and _ only")
    if entry.driver not in DRIVERS:
        raise ConfigInvalid(f"{row.place}: driver {entry.driver!r}; known: {', '.join(DRIVERS)}")
    parse_address(entry.address, row.place)
    return entry


def parse_address(text: str, place: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:7101". Raises ConfigInvalid."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigInvalid(f"{place}: address {text!r}; host:port is wanted")
    return host, int(port)


def _url(text: str, schemes: tuple[str, ...], path: Path) -> str:
    if not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ConfigInvalid(f"{path}: {text!r}: a URL with {' or '.join(schemes)} is wanted")
    return text
