"""Names for content: the same input has the same digest on every machine."""

import hashlib
import json
from typing import Any

from fabrication.domain.records import to_record


def sha256_of(content: bytes) -> str:
    """The hex SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def canonical_json(value: Any) -> bytes:
    """The one spelling of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        to_record(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def readable_json(value: Any) -> bytes:
    """The spelling for files that people open: the same for the same value, one key a line."""
    return (json.dumps(to_record(value), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def key_of(*parts: Any) -> str:
    """The digest of several values in order."""
    return sha256_of(canonical_json(list(parts)))
