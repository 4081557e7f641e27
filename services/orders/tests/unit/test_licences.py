"""The ledger of licence units: it balances, and no account falls below zero, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orders.domain.errors import Unacceptable
from orders.domain.licences import Account, Licence, Movement, Overdrawn, apply, share_out

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def licence(units: int | None, name: str = "l1", **more) -> Licence:
    made = Licence(name, "d", "partner", "holder", units, **more)
    granted = made.granted()
    return made if granted is None else replace(made, balances=apply(made, [granted]))


class Ledger(RuleBasedStateMachine):
    """Orders reserve, starts use, endings return."""

    @initialize(units=st.none() | st.integers(1, 20))
    def grant(self, units: int | None) -> None:
        self.licence = licence(units)
        self.reserved: list[str] = []
        self.used = 0
        self.booked: list[Movement] = []
        self.next = 0

    def book(self, *movements: Movement) -> None:
        self.licence = replace(self.licence, balances=apply(self.licence, movements))
        self.booked += movements

    @rule(quantity=st.integers(1, 8))
    def order(self, quantity: int) -> None:
        parts = [f"p{self.next + number}" for number in range(quantity)]
        self.next += quantity
        if self.licence.units is not None and self.licence.balance(Account.AVAILABLE) < quantity:
            with pytest.raises(Unacceptable) as refused:
                share_out([self.licence], parts, "o", NOW)
            assert refused.value.code == "licence-exhausted"
            return
        ((_, movements),) = share_out([self.licence], parts, "o", NOW)
        self.book(*movements)
        self.reserved += parts

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        part = data.draw(st.sampled_from(self.reserved))
        self.reserved.remove(part)
        self.used += 1
        self.book(self.licence.use(part, "o"))

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        part = data.draw(st.sampled_from(self.reserved))
        self.reserved.remove(part)
        self.book(self.licence.give_back(part, "o"))

    @invariant()
    def balances(self) -> None:
        accounts = self.licence.balances
        assert sum(accounts.values()) == 0
        assert all(units >= 0 for account, units in accounts.items() if account is not Account.RIGHTS_HOLDER)
        assert self.licence.balance(Account.RESERVED) == len(self.reserved)
        assert self.licence.balance(Account.USED) == self.used
        if self.licence.units is not None:
            left = self.licence.units - len(self.reserved) - self.used
            assert self.licence.balance(Account.AVAILABLE) == left

    @invariant()
    def each_movement_sums_to_zero(self) -> None:
        assert all(sum(units for _, units in movement.entries()) == 0 for movement in self.booked)


TestLedger = Ledger.TestCase


@pytest.mark.parametrize("movement", ["use", "give_back"])
def test_what_was_not_reserved_cannot_be_used_or_returned(movement):
    held = licence(5)
    with pytest.raises(Overdrawn, match="reserved would fall below zero"):
        apply(held, [getattr(held, movement)("p", "o")])


def test_units_beyond_the_grant_are_overdrawn():
    held = licence(1)
    with pytest.raises(Overdrawn, match="available"):
        apply(held, [held.reserve("p", "o"), held.reserve("q", "o")])


@given(st.lists(st.none() | st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 12))
def test_parts_share_licences_the_oldest_first_each_part_once(grants, quantity):
    held = [licence(units, f"l{number}") for number, units in enumerate(grants)]
    parts = [f"p{number}" for number in range(quantity)]
    enough = None in grants or sum(units or 0 for units in grants) >= quantity
    if not enough:
        with pytest.raises(Unacceptable) as refused:
            share_out(held, parts, "o", NOW)
        assert refused.value.facts == {"needed": quantity, "available": sum(units or 0 for units in grants)}
        return
    shares = share_out(held, parts, "o", NOW)
    assert [movement.part_id for _, movements in shares for movement in movements] == parts
    for (one, movements), (other, _) in pairwise(shares):
        assert held.index(one) < held.index(other)
        assert len(movements) == one.units


def test_a_licence_past_its_end_is_none():
    ended = licence(5, until=NOW - timedelta(seconds=1))
    with pytest.raises(Unacceptable) as refused:
        share_out([ended], ["p"], "o", NOW)
    assert refused.value.code == "no-licence"
    assert share_out([ended, licence(1, "l2")], ["p"], "o", NOW)[0][0].id == "l2"
