"""Licence units, kept by double entry.

Each movement takes one unit out of one account of a licence and puts it into another, so the units of all accounts
always sum to zero. `rights-holder` is the source of all units and may stand below zero; no other account may.

    grant n units   rights-holder → available      (nothing where the licence is unlimited)
    reserve         available     → reserved       with the order; unlimited: rights-holder → reserved
    use             reserved      → used           at the part's first start
    return          reserved      → available      when the part ends without a start; unlimited: → rights-holder
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from orders.domain.errors import OrdersError, Unacceptable


class Account(StrEnum):
    """Where units of a licence stand."""

    RIGHTS_HOLDER = "rights-holder"
    AVAILABLE = "available"
    RESERVED = "reserved"
    USED = "used"


class Unit(StrEnum):
    """What has become of the unit of one ordered part."""

    RESERVED = "reserved"
    USED = "used"
    RETURNED = "returned"


class Overdrawn(OrdersError):
    """A movement would take an account below zero: a fault of this service, never of a caller."""

    def __init__(self, licence_id: str, account: Account) -> None:
        super().__init__("ledger-overdrawn", f"licence {licence_id}: {account} would fall below zero")


@dataclass(frozen=True, slots=True)
class Movement:
    """`units` from one account of a licence to another."""

    licence_id: str
    kind: str
    source: Account
    target: Account
    units: int = 1
    part_id: str | None = None
    order_id: str | None = None

    def entries(self) -> tuple[tuple[Account, int], tuple[Account, int]]:
        """The two rows of this movement; they sum to zero."""
        return (self.source, -self.units), (self.target, self.units)


@dataclass(frozen=True, slots=True)
class Licence:
    """The right of one organisation to make parts of one design. `units` None: without limit."""

    id: str
    design_id: str
    organisation_id: str
    rights_holder_id: str
    units: int | None
    balances: Mapping[Account, int] = field(default_factory=dict)
    territory: str = ""
    until: datetime | None = None

    @property
    def pool(self) -> Account:
        """The account that reservations come from and go back to."""
        return Account.RIGHTS_HOLDER if self.units is None else Account.AVAILABLE

    def valid(self, now: datetime) -> bool:
        """Whether parts may still be ordered under it."""
        return self.until is None or self.until > now

    def balance(self, account: Account) -> int:
        """The units that stand in an account."""
        return self.balances.get(account, 0)

    def granted(self) -> Movement | None:
        """The movement that fills a new licence."""
        if self.units is None:
            return None
        return Movement(self.id, "grant", Account.RIGHTS_HOLDER, Account.AVAILABLE, self.units)

    def reserve(self, part_id: str, order_id: str) -> Movement:
        """Set a unit aside for an ordered part."""
        return Movement(self.id, "reserve", self.pool, Account.RESERVED, 1, part_id, order_id)

    def use(self, part_id: str, order_id: str) -> Movement:
        """The part was started."""
        return Movement(self.id, "use", Account.RESERVED, Account.USED, 1, part_id, order_id)

    def give_back(self, part_id: str, order_id: str) -> Movement:
        """The part ended without a start."""
        return Movement(self.id, "return", Account.RESERVED, self.pool, 1, part_id, order_id)


def apply(licence: Licence, movements: Iterable[Movement]) -> Mapping[Account, int]:
    """The balances after `movements`. Raises Overdrawn where an account would fall below zero."""
    balances = dict(licence.balances)
    for movement in movements:
        for account, change in movement.entries():
            balances[account] = balances.get(account, 0) + change
            if balances[account] < 0 and account is not Account.RIGHTS_HOLDER:
                raise Overdrawn(licence.id, account)
    return balances


def share_out(
    licences: Sequence[Licence], part_ids: Sequence[str], order_id: str, now: datetime
) -> list[tuple[Licence, list[Movement]]]:
    """Reserve a unit for each part, from the oldest licence first.

    Raises Unacceptable: `no-licence` where there is none that is valid now, `licence-exhausted` where the units do not
    suffice.
    """
    valid = [licence for licence in licences if licence.valid(now)]
    if not valid:
        raise Unacceptable(
            "no-licence", "Your organisation holds no valid licence for this design; its rights-holder can grant one."
        )
    left = list(part_ids)
    shares = []
    for licence in valid:
        count = len(left) if licence.units is None else min(len(left), licence.balance(Account.AVAILABLE))
        if count:
            shares.append((licence, [licence.reserve(part, order_id) for part in left[:count]]))
            left = left[count:]
    if left:
        available = len(part_ids) - len(left)
        raise Unacceptable(
            "licence-exhausted",
            f"{len(part_ids)} units are needed and {available} are left; ask the rights-holder for more.",
            needed=len(part_ids),
            available=available,
        )
    return shares
