"""The short name under which a design is found."""

from __future__ import annotations

import re
import unicodedata

from catalog.domain.errors import DesignRefused

MAX_LENGTH = 64
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_slug(slug: str) -> str:
    """`slug` where it can be one. Raises DesignRefused `bad-slug`."""
    if len(slug) > MAX_LENGTH or not _SLUG.fullmatch(slug) or _UUID.fullmatch(slug):
        wanted = f"lower-case letters and digits in words joined by -, at most {MAX_LENGTH} characters, and no UUID"
        raise DesignRefused("bad-slug", wanted, "slug")
    return slug


def slug_of(title: str) -> str:
    """A slug made of a title: `Knob for a coffee machine` → `knob-for-a-coffee-machine`."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_LENGTH].strip("-")
    if not words:
        raise DesignRefused("bad-slug", "the title gives no slug; name one", "slug")
    return check_slug(words)
