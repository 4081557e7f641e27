"""Amounts: decimal numbers with their currency, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def times(self, count: int) -> Money:
        """`count` times the amount, exactly."""
        return Money(self.amount * count, self.currency)

    @property
    def text(self) -> str:
        """The amount with two decimals at least, and as many more as it needs: `12.30`, `0.125`."""
        shortest = self.amount.normalize()
        exponent = shortest.as_tuple().exponent
        wanted = shortest if isinstance(exponent, int) and exponent < -2 else shortest.quantize(_CENT)
        return f"{wanted:f}"
