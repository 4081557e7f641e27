"""Messages taken out after final failure: kept with their reason, listed, shown and replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from messaging.streams import DEAD_LETTERS

REASON = "fabmesh-dead-reason"
SUBJECT = "fabmesh-dead-subject"
ATTEMPTS = "fabmesh-dead-attempts"
AT = "fabmesh-dead-at"
_OWN = (REASON, SUBJECT, ATTEMPTS, AT, "Nats-Msg-Id", "Nats-Expected-Stream")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that a handler finally failed on. `sequence` names it in the stream of dead letters."""

    sequence: int
    queue: str
    subject: str
    reason: str
    attempts: int
    at: str
    headers: Mapping[str, str]
    data: bytes


def death_headers(headers: Mapping[str, str], *, subject: str, reason: str, attempts: int) -> dict[str, str]:
    """The headers of a dead letter: the message's own, and why, where and when it died."""
    kept = {name: value for name, value in headers.items() if name not in _OWN}
    return kept | {
        REASON: " ".join(reason.split())[:2000],
        SUBJECT: subject,
        ATTEMPTS: str(attempts),
        AT: datetime.now(UTC).isoformat(),
    }


async def browse(js: JetStreamContext, *, service: str | None = None) -> AsyncIterator[DeadLetter]:
    """All dead letters in the order of their death, of one service or of all."""
    state = (await js.stream_info(DEAD_LETTERS)).state
    for sequence in range(max(1, state.first_seq), state.last_seq + 1):  # an empty stream starts at 0
        try:
            letter = await get(js, sequence)
        except NotFoundError:
            continue
        if service is None or letter.queue.split(".")[1] == service:
            yield letter


async def get(js: JetStreamContext, sequence: int) -> DeadLetter:
    """One dead letter. Raises nats' NotFoundError where there is none of that number."""
    raw = await js.get_msg(DEAD_LETTERS, sequence)
    headers = raw.headers or {}
    return DeadLetter(
        sequence=sequence,
        queue=raw.subject or "",
        subject=headers.get(SUBJECT, ""),
        reason=headers.get(REASON, ""),
        attempts=int(headers.get(ATTEMPTS, "0")),
        at=headers.get(AT, ""),
        headers=headers,
        data=raw.data or b"",
    )


async def replay(js: JetStreamContext, letter: DeadLetter) -> None:
    """Publish the message again where it came from, then take the dead letter out.

    It keeps its event id: those who handled it already ignore it, the one that failed tries again.
    """
    headers = {name: value for name, value in letter.headers.items() if name not in _OWN}
    headers["Nats-Msg-Id"] = f"replay-{letter.sequence}-{headers.get('ce-id', '')}"
    await js.publish(letter.subject, letter.data, headers=headers)
    await js.delete_msg(DEAD_LETTERS, letter.sequence)
