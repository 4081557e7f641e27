from decimal import Decimal

import pytest

from orders.domain.money import Money


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1.5", "1.50"), ("0", "0.00"), ("12", "12.00"), ("0.125", "0.125"), ("1.500000", "1.50"), ("1E+3", "1000.00")],
)
def test_amounts_have_two_decimals_at_least(amount, text):
    assert Money(Decimal(amount), "EUR").text == text


def test_a_hundred_times_a_fee_is_exact():
    assert Money(Decimal("0.35"), "EUR").times(100) == Money(Decimal("35.00"), "EUR")
