"""Questions of other services, and their answers."""

from __future__ import annotations

from collections.abc import Mapping

from fabmesh.orders.v1.requests_pb2 import GetSigningKeys, SigningKey, SigningKeys

__all__ = ["GetSigningKeys", "signing_keys"]


def signing_keys(public: Mapping[str, bytes]) -> SigningKeys:
    """The public keys that tokens are verified by."""
    return SigningKeys(keys=[SigningKey(key_id=key_id, public_key=key) for key_id, key in public.items()])
