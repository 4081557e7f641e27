"""Who is who on NATS: nkeys, and the JWTs of operator mode.

An operator vouches for accounts, an account (or one of its signing keys) for users. A *scoped* signing key carries the
permissions of every user it vouches for, as a template in which `{{name()}}` is the user's name; so a hub's JWT is
small, says only who it is, and can be minted without telling the server.

Formats: nkeys are base32(prefix + 32 bytes + CRC-16/XMODEM little endian) (github.com/nats-io/nkeys); claims are
version 2 of github.com/nats-io/jwt, signed `ed25519-nkey` over `base64url(header).base64url(claims)`.

    IdentityError
    ├── InvalidKeyError     not an nkey, or one of the wrong kind
    ├── InvalidNameError    a name that would become a wildcard or a second token of a subject
    └── InvalidTokenError   a JWT that is malformed or not signed by its issuer
"""

import base64
import binascii
import enum
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import nacl.exceptions
import nacl.signing
import nkeys

MAX_HUB_PAYLOAD_BYTES = 64 * 1024
_UNLIMITED = -1
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ACCOUNT_LIMITS = {
    "subs": _UNLIMITED,
    "data": _UNLIMITED,
    "payload": _UNLIMITED,
    "imports": _UNLIMITED,
    "exports": _UNLIMITED,
    "wildcards": True,
    "conn": _UNLIMITED,
    "leaf": _UNLIMITED,
}
_JETSTREAM_LIMITS = {
    "mem_storage": _UNLIMITED,
    "disk_storage": _UNLIMITED,
    "streams": _UNLIMITED,
    "consumer": _UNLIMITED,
}

Claims = dict[str, Any]


class IdentityError(ValueError):
    """A key, name or token that cannot be used."""


class InvalidKeyError(IdentityError):
    """The text is not an nkey, or one of the wrong kind."""


class InvalidNameError(IdentityError):
    """The name does not fit into one token of a subject."""


class InvalidTokenError(IdentityError):
    """The JWT is malformed or not signed by its issuer."""


class KeyKind(enum.IntEnum):
    """What an nkey stands for; the value is its prefix byte."""

    OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
    ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
    USER = nkeys.PREFIX_BYTE_USER


@dataclass(frozen=True)
class Permissions:
    """Subjects a user may publish and subscribe to; a denial wins over an allowance."""

    publish: Sequence[str] = ()
    subscribe: Sequence[str] = ()
    deny_publish: Sequence[str] = ()

    def claims(self) -> Claims:
        publish: Claims = {"allow": list(self.publish)}
        if self.deny_publish:
            publish["deny"] = list(self.deny_publish)
        return {"pub": publish, "sub": {"allow": list(self.subscribe)}}


@dataclass(frozen=True)
class ServiceExport:
    """Requests on `subject` are answered by this account; `streaming` when one request has several answers."""

    subject: str
    streaming: bool = False

    def claims(self) -> Claims:
        kind = "Stream" if self.streaming else "Singleton"
        return {"name": self.subject, "subject": self.subject, "type": "service", "response_type": kind}


@dataclass(frozen=True)
class ServiceImport:
    """Requests on `subject` go to the account that exports it."""

    subject: str
    account: str

    def claims(self) -> Claims:
        return {
            "name": self.subject,
            "subject": self.subject,
            "account": self.account,
            "local_subject": self.subject,
            "type": "service",
        }


@dataclass(frozen=True)
class AccountShape:
    """What an account may do; `jetstream` gives it streams, `signing_keys` may vouch for users in its place."""

    jetstream: bool = False
    exports: Sequence[ServiceExport] = ()
    imports: Sequence[ServiceImport] = ()
    signing_keys: Sequence[str | Mapping[str, Any]] = field(default=())

    def claims(self) -> Claims:
        limits = _ACCOUNT_LIMITS | (_JETSTREAM_LIMITS if self.jetstream else {})
        claims: Claims = {"type": "account", "version": 2, "limits": limits}
        if self.exports:
            claims["exports"] = [each.claims() for each in self.exports]
        if self.imports:
            claims["imports"] = [each.claims() for each in self.imports]
        if self.signing_keys:
            claims["signing_keys"] = list(self.signing_keys)
        return claims


def create_seed(kind: KeyKind) -> str:
    """A new private key, as the text that NATS tools know (`SO…`, `SA…`, `SU…`)."""
    return str(nkeys.encode_seed(secrets.token_bytes(32), int(kind)).decode())


def public_key(seed: str) -> str:
    """The public key (`O…`, `A…`, `U…`) of a seed. Raises InvalidKeyError."""
    return str(_pair(seed).public_key.decode())


def sign(seed: str, payload: bytes) -> bytes:
    """The raw ed25519 signature (64 bytes) of a payload, as a server's nonce wants it. Raises InvalidKeyError."""
    return bytes(_pair(seed).sign(payload))


def require_public_key(text: str, kind: KeyKind) -> str:
    """Returns `text` if it is a public nkey of that kind, raises InvalidKeyError if not."""
    if _prefix(text) != kind:
        raise InvalidKeyError(f"not a public {kind.name.lower()} key")
    return text


def require_name(text: str) -> str:
    """Returns `text` if it can stand as one token of a subject, raises InvalidNameError if not."""
    if not _NAME.fullmatch(text):
        raise InvalidNameError(f"{text!r} is not of letters, digits, '-' and '_' alone")
    return text


def encode(subject: str, name: str, nats: Claims, seed: str, *, expires_at: datetime | None = None) -> str:
    """A JWT in which the holder of `seed` vouches for the public key `subject`. Raises InvalidKeyError."""
    claims: Claims = {"iat": int(time.time()), "iss": public_key(seed), "name": name, "sub": subject, "nats": nats}
    if expires_at is not None:
        claims["exp"] = int(expires_at.timestamp())
    claims["jti"] = base64.b32encode(hashlib.sha256(_json(claims)).digest()).rstrip(b"=").decode()
    signed = _base64(_json({"typ": "JWT", "alg": "ed25519-nkey"})) + b"." + _base64(_json(claims))
    return (signed + b"." + _base64(sign(seed, signed))).decode()


def decode(token: str) -> Claims:
    """The claims of a JWT whose signature is its issuer's. Expiry is left to the server. Raises InvalidTokenError."""
    try:
        head, body, signature = token.split(".")
        claims = json.loads(_unbase64(body))
        issuer = _raw_public_key(claims["iss"])
        issuer.verify(f"{head}.{body}".encode(), _unbase64(signature))
    except (ValueError, KeyError, TypeError, nacl.exceptions.CryptoError) as reason:
        raise InvalidTokenError("not a JWT signed by its issuer") from reason
    if not isinstance(claims, dict):
        raise InvalidTokenError("claims are not an object")
    return claims


def mint_operator(seed: str, name: str, system_account: str) -> str:
    """The operator's self-signed JWT, which names the account of the server's own events."""
    nats: Claims = {"type": "operator", "version": 2, "system_account": system_account}
    return encode(public_key(seed), name, nats, seed)


def mint_account(public_account: str, name: str, shape: AccountShape, operator_seed: str) -> str:
    """The JWT of an account. Raises InvalidKeyError."""
    require_public_key(public_account, KeyKind.ACCOUNT)
    return encode(public_account, name, shape.claims(), operator_seed)


def mint_user(public_nkey: str, name: str, permissions: Permissions, account_seed: str) -> str:
    """The JWT of a user with permissions of its own. Raises InvalidKeyError, InvalidNameError."""
    require_public_key(public_nkey, KeyKind.USER)
    limits = {"subs": _UNLIMITED, "data": _UNLIMITED, "payload": _UNLIMITED}
    nats: Claims = {"type": "user", "version": 2, **limits, **permissions.claims()}
    return encode(public_nkey, require_name(name), nats, account_seed)


def user_scope(public_signing_key: str, role: str, permissions: Permissions, *, max_payload_bytes: int) -> Claims:
    """A scoped signing key for AccountShape: whoever it vouches for has these permissions and no others."""
    require_public_key(public_signing_key, KeyKind.ACCOUNT)
    limits = {"subs": _UNLIMITED, "data": _UNLIMITED, "payload": max_payload_bytes}
    return {
        "kind": "user_scope",
        "key": public_signing_key,
        "role": role,
        "template": {**limits, **permissions.claims()},
    }


def hub_scope(public_signing_key: str) -> Claims:
    """The scoped signing key of hubs: each may speak under its own name, pull and acknowledge its own jobs."""
    own = "{{name()}}"
    permissions = Permissions(
        publish=(
            f"hub.{own}.reports.*",
            f"hub.{own}.heartbeat",
            f"hub.{own}.claims",
            f"$JS.API.CONSUMER.MSG.NEXT.JOBS.{own}",
            f"$JS.ACK.JOBS.{own}.>",
        ),
        subscribe=(f"_INBOX_{own}.>",),
    )
    return user_scope(public_signing_key, "hub", permissions, max_payload_bytes=MAX_HUB_PAYLOAD_BYTES)


def mint_hub_user(
    public_nkey: str,
    hub_id: str,
    signing_seed: str,
    account_public: str,
    *,
    expires_at: datetime | None = None,
) -> str:
    """The JWT of a hub, which keeps the seed of `public_nkey` to itself.

    `signing_seed` is the scoped key of the account `account_public`; the permissions are those of `hub_scope`.
    Raises InvalidKeyError, InvalidNameError.
    """
    require_public_key(public_nkey, KeyKind.USER)
    require_public_key(account_public, KeyKind.ACCOUNT)
    nats: Claims = {"type": "user", "version": 2, "issuer_account": account_public}
    return encode(public_nkey, require_name(hub_id), nats, signing_seed, expires_at=expires_at)


def format_creds(jwt: str, seed: str) -> str:
    """The text of a `.creds` file, which NATS clients read."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


def _pair(seed: str) -> Any:
    try:
        return nkeys.from_seed(bytearray(seed.encode()))
    except (nkeys.NkeysError, ValueError) as reason:
        raise InvalidKeyError("not the seed of an nkey") from reason


def _prefix(public: str) -> int:
    return _raw_key(public)[0]


def _raw_key(public: str) -> bytes:
    try:
        raw = base64.b32decode(public + "=" * (-len(public) % 8))
    except (binascii.Error, ValueError) as reason:
        raise InvalidKeyError("not a public nkey") from reason
    if len(raw) != 35 or binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") != raw[-2:]:
        raise InvalidKeyError("not a public nkey")
    return raw


def _raw_public_key(public: str) -> nacl.signing.VerifyKey:
    return nacl.signing.VerifyKey(_raw_key(public)[1:-2])


def _json(value: Claims) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
