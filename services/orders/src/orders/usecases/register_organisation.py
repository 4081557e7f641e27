"""Let an organisation take part in the network."""

from __future__ import annotations

from chassis.auth import Principal
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.errors import NotPermitted, Untimely
from orders.domain.organisations import Organisation
from orders.messages import events
from orders.store import organisations


async def register_organisation(name: str, kind: str, principal: Principal, uow: UnitOfWork) -> Organisation:
    """Let an organisation take part. Raises NotPermitted but for the network's operator, Untimely where the name is
    taken.
    """
    if not principal.is_operator:
        raise NotPermitted("operator-only", "Only the network's operator registers organisations.")
    organisation = Organisation(uuid7(), name, kind)
    if not await organisations.insert_organisation(uow.session, organisation):
        raise Untimely("organisation-exists", f"There is an organisation named {name!r} already.")
    announce(organisation, uow)
    return organisation


def announce(organisation: Organisation, uow: UnitOfWork) -> None:
    """Tell every service of a new organisation."""
    uow.emit(events.organisation_registered(organisation), aggregate_id=organisation.id)
