"""The code with which an order is handed over at the pickup desk.

It is derived from the secret that the caller authenticated with, and only its hash is kept: a repeat of the same
request by the same caller shows it again, and nothing in the database tells it.
"""

from __future__ import annotations

import hashlib
import hmac

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is read as something else
_LENGTH = 8
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def code_for(secret: str, order_id: str) -> str:
    """The code of an order placed with `secret`: eight letters and digits (40 bits), as `7K2M-Q9XD`."""
    digest = hmac.digest(secret.encode(), f"pickup/{order_id}".encode(), "sha256")
    code = "".join(_LETTERS[byte % 32] for byte in digest[:_LENGTH])
    return f"{code[:4]}-{code[4:]}"


def code_hash(code: str, order_id: str) -> bytes:
    """What is kept of a code; case, hyphens and letters that look alike make no difference."""
    plain = code.upper().translate(_MISREAD)
    return hashlib.sha256(f"{order_id}/{plain}".encode()).digest()


def matches(code: str, order_id: str, kept: bytes) -> bool:
    """Whether `code` is the one whose hash was kept."""
    return hmac.compare_digest(code_hash(code, order_id), kept)
