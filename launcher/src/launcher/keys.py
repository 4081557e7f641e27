"""The first API keys of an instance: its operator's and its demo partner's."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from launcher.files import read_json, write_json


@dataclass(frozen=True)
class Keys:
    """Two API keys, 256 random bits each; only their SHA-256 is told to the services."""

    admin: str
    partner: str

    def hashes(self) -> dict[str, str]:
        """What `fabmesh-orders bootstrap` reads from its environment."""
        return {
            "FABMESH_BOOTSTRAP_ADMIN_KEY_SHA256": _digest(self.admin),
            "FABMESH_BOOTSTRAP_PARTNER_KEY_SHA256": _digest(self.partner),
        }


def kept_keys(book: Path) -> Keys:
    """The keys in a file, made and written there at the first call."""
    known = read_json(book)
    if not known:
        known = {"admin": f"fm_{secrets.token_urlsafe(32)}", "partner": f"fm_{secrets.token_urlsafe(32)}"}
        write_json(book, known)
    return Keys(known["admin"], known["partner"])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
