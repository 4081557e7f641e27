"""The keys of one NATS server, made once and kept in a private folder, and the credentials made of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.accounts import core_permissions, core_shape, hubs_shape, system_permissions
from launcher.files import read_json, write_json, write_private
from messaging.identity import (
    AccountShape,
    KeyKind,
    Permissions,
    create_seed,
    decode,
    format_creds,
    mint_account,
    mint_operator,
    mint_user,
    public_key,
    require_name,
)

SYSTEM = "system"
_KINDS = {
    "operator": KeyKind.OPERATOR,
    "system": KeyKind.ACCOUNT,
    "core": KeyKind.ACCOUNT,
    "hubs": KeyKind.ACCOUNT,
    "hub_signing": KeyKind.ACCOUNT,
}


@dataclass(frozen=True)
class ServerIdentities:
    """What the server's configuration names: public keys and signed JWTs, nothing secret."""

    operator_jwt: str
    system_account: str
    account_jwts: dict[str, str]


class NatsIdentities:
    """Keys in `folder/nats.json`, credentials in `folder/<user>.creds`, all for their owner alone.

    A JWT is minted anew only when what it should say has changed, so that one which was changed on the server since
    (a revocation) is not replaced by an older truth.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._book = folder / "nats.json"

    @property
    def hub_signing_seed(self) -> str:
        """The private scoped key with which routing vouches for hubs."""
        return self._seed("hub_signing")

    @property
    def hubs_account(self) -> str:
        """The public key of the account HUBS."""
        return public_key(self._seed("hubs"))

    def server(self) -> ServerIdentities:
        """What the server must be told; made at the first call."""
        system, core = public_key(self._seed("system")), public_key(self._seed("core"))
        shapes = {
            "SYS": (system, AccountShape()),
            "CORE": (core, core_shape()),
            "HUBS": (self.hubs_account, hubs_shape(core, public_key(self.hub_signing_seed))),
        }
        accounts = {account: self._account(name, account, shape) for name, (account, shape) in shapes.items()}
        operator = self._token(
            "operator",
            {"type": "operator", "version": 2, "system_account": system},
            lambda: mint_operator(self._seed("operator"), "fabmesh", system),
        )
        return ServerIdentities(operator, system, accounts)

    def creds(self, service: str) -> Path:
        """The credentials file of a service in CORE. Raises InvalidNameError."""
        return self._creds(require_name(service), "core", core_permissions(service))

    def system_creds(self) -> Path:
        """The credentials file of a user of the system account."""
        return self._creds(SYSTEM, "system", system_permissions())

    def _creds(self, user: str, account: str, permissions: Permissions) -> Path:
        path = self._folder / f"{account}-{user}.creds"
        seed = self._seed(f"user_{account}_{user}", KeyKind.USER)
        wanted = {"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, **permissions.claims()}
        token = self._token(
            f"user_{account}_{user}",
            wanted,
            lambda: mint_user(public_key(seed), user, permissions, self._seed(account)),
        )
        text = format_creds(token, seed)
        if not path.exists() or path.read_text() != text:
            write_private(path, text)
        return path

    def _account(self, name: str, account: str, shape: AccountShape) -> str:
        return self._token(
            f"account_{name}", shape.claims(), lambda: mint_account(account, name, shape, self._seed("operator"))
        )

    def _seed(self, name: str, kind: KeyKind | None = None) -> str:
        return self._kept("seeds", name, lambda: create_seed(kind or _KINDS[name]))

    def _token(self, name: str, wanted: dict[str, Any], mint: Callable[[], str]) -> str:
        token = self._kept("tokens", name, mint)
        if decode(token)["nats"] == wanted:
            return token
        return self._keep("tokens", name, mint())

    def _kept(self, shelf: str, name: str, make: Callable[[], str]) -> str:
        known = read_json(self._book).get(shelf, {}).get(name)
        return str(known) if known is not None else self._keep(shelf, name, make())

    def _keep(self, shelf: str, name: str, value: str) -> str:
        book = read_json(self._book)
        book.setdefault(shelf, {})[name] = value
        write_json(self._book, book)
        return value
