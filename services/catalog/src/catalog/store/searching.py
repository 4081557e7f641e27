"""How words are found: without regard to case, and part numbers without regard to their punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_

MAX_WORDS = 10
_PUNCTUATION = re.compile(r"[\W_]+")


def search_text(*texts: str) -> str:
    """What is kept for searching: the texts themselves and, word by word, without punctuation."""
    words = " ".join(texts).casefold().split()
    bare = [_PUNCTUATION.sub("", word) for word in words]
    return " ".join([*words, *(short for short, word in zip(bare, words, strict=True) if short and short != word)])


def contains_all(column: ColumnElement[str], query: str) -> ColumnElement[bool]:
    """Whether every word of `query` stands somewhere in the column."""
    return and_(True, *(column.contains(word, autoescape=True) for word in _words(query)))


def _words(query: str) -> Iterable[str]:
    return query.casefold().split()[:MAX_WORDS]
