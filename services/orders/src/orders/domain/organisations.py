"""Who takes part in the network, and the keys that its programs hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Kind = Literal["partner", "rights-holder", "hub-operator", "network-operator"]
KINDS: tuple[str, ...] = get_args(Kind)
NETWORK_OPERATOR = "network-operator"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant of the network."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the key itself, only its SHA-256."""

    id: str
    organisation_id: str
    sha256: bytes
    scopes: tuple[str, ...]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
