"""Lists with opaque cursors: `{"items": […], "next_cursor": …}`."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Query

from chassis.problems import BadRequest

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]


def encode(*key: str | int) -> str:
    """A cursor that continues after `key`."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str | None, parts: int = 1) -> list[Any] | None:
    """The key behind a cursor, None for the first page. Raises the problem `bad-cursor`."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadRequest("bad-cursor", "Use the `next_cursor` of the page before, unchanged.") from error
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str | int) for part in key):
        raise BadRequest("bad-cursor", "Use the `next_cursor` of the page before, unchanged.")
    return key


def page(items: list[dict[str, Any]], limit: int, key: str = "id") -> dict[str, Any]:
    """The answer for a query that fetched `limit + 1` rows."""
    more = len(items) > limit
    shown = items[:limit]
    return {"items": shown, "next_cursor": encode(shown[-1][key]) if more and shown else None}
