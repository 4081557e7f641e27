"""docs/events.md: every event and command, who sends it, who receives it, on which subject, how a repeat is known.

The messages come from proto/, the receivers from the durables that the services made on a running mesh.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from messaging.streams import STREAMS
from messaging.subjects import kebab

PROTO = Path(__file__).parents[2] / "proto/fabmesh"
KINDS = {"events.proto": "evt", "commands.proto": "cmd", "requests.proto": "req"}
_FIELD = re.compile(r"^ +(?:repeated |optional )?([A-Z]\w+) \w+ = ", re.MULTILINE)
_MESSAGE = re.compile(r"((?:^//[^\n]*\n)*)^message (\w+) \{", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    name: str
    subject: str
    owner: str
    says: str

    @property
    def kind(self) -> str:
        return self.subject.split(".")[0]


def declared() -> list[Row]:
    """Every message of proto/ that travels on a subject of its own; those only contained in others are left out."""
    rows = []
    for path in sorted(PROTO.glob("*/v1/*.proto")):
        kind = KINDS.get(path.name)
        if kind is None:
            continue
        text = path.read_text()
        context = path.parts[-3]
        contained = set(_FIELD.findall(text))
        for comment, name in _MESSAGE.findall(text):
            if name in contained:
                continue
            says = " ".join(line.removeprefix("//").strip() for line in comment.splitlines())
            rows.append(Row(name, f"{kind}.{context}.v1.{kebab(name)}", context, says))
    return rows


async def receivers(client: Client) -> dict[str, list[str]]:
    """The services that have a durable for each subject."""
    found: dict[str, set[str]] = defaultdict(set)
    js = client.jetstream()
    for stream in STREAMS:
        for consumer in await js.consumers_info(stream.name or ""):
            config = consumer.config
            for subject in config.filter_subjects or [config.filter_subject or ""]:
                found[subject].add((config.durable_name or consumer.name or "").split("-")[0])
    return {subject: sorted(services) for subject, services in found.items()}


def render(rows: list[Row], heard_by: dict[str, list[str]]) -> str:
    """The table as Markdown."""
    lines = [
        "# Events and commands",
        "",
        "Every event is known by its id (`ce-id`), which a consumer's inbox remembers; a command besides by the key",
        "named here, so that a repeat changes nothing. Order holds for each aggregate, which `ce-subject` names.",
        "",
        "| message | subject | sender | receivers | a repeat is known by | what it says |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.kind == "req":
            continue
        sender = "orders" if row.kind == "cmd" else row.owner
        heard = ", ".join(heard_by.get(row.subject, [])) or "whoever listens"
        key = "event id, job order and token" if row.kind == "cmd" else "event id"
        lines.append(f"| {row.name} | `{row.subject}` | {sender} | {heard} | {key} | {row.says} |")
    return "\n".join(lines) + "\n"
