"""Under which terms a design may be made, what it fits, and what it must bear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from catalog.domain.errors import DesignRefused
from catalog.domain.reading import Table

FREE, PER_PART = "free", "per-part"
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST = Decimal(1_000_000)
_PLACES = -6


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount and its currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """`free`, or `per-part` with a fee that the rights-holder is owed for each part."""

    kind: str = FREE
    fee: Money | None = None
    territory: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A machine that the part belongs into, and the number under which its maker sold it."""

    maker: str
    model: str
    part_number: str = ""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the part must bear: temperature in °C, contact with food, load in N."""

    max_temperature_c: float | None = None
    food_contact: bool = False
    load_n: float | None = None


def read_licence(table: Table | None) -> LicenceTerms:
    """The terms of `[licence]`; without it the design is free."""
    if table is None:
        return LicenceTerms()
    kind = table.text("kind", required=True)
    if kind not in {FREE, PER_PART}:
        raise DesignRefused("bad-licence", f"{kind!r} is unknown; free or per-part", table.place("kind"))
    fee = _read_fee(table.table("fee"))
    if (kind == PER_PART) is (fee is None):
        wanted = "a per-part licence names its fee" if fee is None else "a free licence has no fee"
        raise DesignRefused("bad-licence", wanted, table.place("fee"))
    terms = LicenceTerms(kind, fee, table.text("territory"))
    table.finish()
    return terms


def _read_fee(table: Table | None) -> Money | None:
    if table is None:
        return None
    written = table.text("amount", required=True, most=30)
    currency = table.text("currency", required=True)
    table.finish()
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 < amount <= _MOST or int(amount.as_tuple().exponent) < _PLACES:
        wanted = f"a decimal number in text above 0 and up to {_MOST}, with at most six places, is wanted"
        raise DesignRefused("bad-licence", wanted, table.place("amount"))
    if not _CURRENCY.fullmatch(currency):
        raise DesignRefused("bad-licence", "three capital letters (ISO 4217) are wanted", table.place("currency"))
    return Money(amount, currency)


def read_fit(table: Table) -> Fit:
    """One `[[fits]]`."""
    fit = Fit(table.text("maker", required=True), table.text("model", required=True), table.text("part_number"))
    table.finish()
    return fit


def read_requirements(table: Table | None) -> Requirements:
    """The table `[requirements]`; without it nothing is required."""
    if table is None:
        return Requirements()
    found = Requirements(table.number("max_temperature_c"), table.flag("food_contact"), table.number("load_n"))
    table.finish()
    if found.load_n is not None and found.load_n < 0:
        raise DesignRefused("bad-bounds", "a load is not negative", table.place("load_n"))
    return found
