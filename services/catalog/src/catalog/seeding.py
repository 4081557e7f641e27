"""A publisher's side of the public API: designs on disk become released versions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

AT_ONCE = 2
_TIMEOUT_S = 60.0
_PAUSE_S = 1.0
_LATER = frozenset({401, 429, 502, 503, 504})
"""Answers that pass: services that start, and a key whose copy is still on its way."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where and as whom to publish, and how many seconds to wait for what is away."""

    url: str
    key: str
    patience_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one design."""

    name: str
    accepted: bool
    detail: str


def publish_all(folders: Sequence[Path], edge: Edge) -> Iterator[Outcome]:
    """Publish each folder, two at a time; outcomes come as they are known. What is there already stays as it is."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(_publish, folder, edge) for folder in folders]):
            yield done.result()


def _publish(folder: Path, edge: Edge) -> Outcome:
    try:
        content = {
            "model": (folder / "model.py").read_text("utf-8"),
            "design": (folder / "design.toml").read_text("utf-8"),
        }
    except (OSError, UnicodeDecodeError) as error:
        return Outcome(folder.name, accepted=False, detail=f"cannot be read: {error}")
    status, answer = _post(json.dumps(content).encode(), edge)
    if status in {200, 201}:
        verb = "released as" if status == 201 else "is there as"
        return Outcome(folder.name, accepted=True, detail=f"{verb} version {answer.get('version')}")
    return Outcome(folder.name, accepted=False, detail=f"refused: {answer.get('detail', f'status {status}')}")


def _post(body: bytes, edge: Edge) -> tuple[int, dict[str, Any]]:
    """Post until something final is answered or patience ends; status 0 where nothing was answered."""
    deadline = time.monotonic() + edge.patience_s
    while True:
        try:
            status, answer = _post_once(body, edge)
        except (OSError, HTTPException) as error:
            status, answer = 0, {"detail": f"{edge.url} does not answer: {error or type(error).__name__}"}
        if status not in {0, *_LATER} or time.monotonic() > deadline:
            return status, answer
        time.sleep(_PAUSE_S)


def _post_once(body: bytes, edge: Edge) -> tuple[int, dict[str, Any]]:
    address = urlsplit(edge.url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=_TIMEOUT_S)
    headers = {"Authorization": f"Bearer {edge.key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", f"{address.path.rstrip('/')}/catalog/v1/designs", body, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    try:
        decoded = json.loads(content)
    except ValueError:
        decoded = {}
    return answer.status, decoded if isinstance(decoded, dict) else {}
