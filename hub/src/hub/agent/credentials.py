"""Who this hub is: a key pair that never leaves it, and what the network answered to its enrolment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.data_folder import write_private
from hub.errors import ConfigInvalid
from messaging.identity import IdentityError, KeyKind, create_seed, public_key, require_name


@dataclass(frozen=True)
class EnrolledMachine:
    """A machine as the network knows it."""

    id: str
    name: str
    profile_id: str


@dataclass(frozen=True)
class Credentials:
    """What a hub connects with. `nats_jwt` says who it is; only its key pair can use it."""

    hub_id: str
    nats_url: str
    nats_jwt: str
    machines: tuple[EnrolledMachine, ...]

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Credentials:
        """Read the answer to an enrolment. Raises ConfigInvalid."""
        try:
            machines = tuple(
                EnrolledMachine(require_name(row["id"]), str(row.get("name", "")), str(row.get("profile_id", "")))
                for row in answer.get("machines", [])
            )
            return cls(require_name(answer["hub_id"]), str(answer["nats_url"]), str(answer["nats_jwt"]), machines)
        except (KeyError, TypeError, AttributeError, IdentityError) as error:
            raise ConfigInvalid(f"the enrolment's answer cannot be used: {error!r}") from error


class Identity:
    """The hub's key pair and credentials in its data folder, readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._seed_file = folder / "nats.seed"
        self._credentials_file = folder / "credentials.json"

    def seed(self) -> str:
        """The private key, made at the first call."""
        if not self._seed_file.exists():
            write_private(self._seed_file, create_seed(KeyKind.USER).encode())
        return self._seed_file.read_text().strip()

    def public_nkey(self) -> str:
        """The public key."""
        return public_key(self.seed())

    def load(self) -> Credentials | None:
        """The credentials of an enrolment before; None without one. Raises ConfigInvalid."""
        if not self._credentials_file.exists():
            return None
        try:
            return Credentials.from_answer(json.loads(self._credentials_file.read_text()))
        except ValueError as error:
            raise ConfigInvalid(f"{self._credentials_file}: {error}") from error

    def save(self, credentials: Credentials) -> None:
        """Keep credentials for the next start."""
        write_private(self._credentials_file, json.dumps(asdict(credentials), indent=1).encode())
