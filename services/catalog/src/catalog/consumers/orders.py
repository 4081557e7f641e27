"""From orders: the organisations that can own designs."""

from __future__ import annotations

from catalog.messages import OrganisationRegistered
from catalog.store.organisations import Organisation
from catalog.usecases.keep_organisation import keep_organisation
from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork


async def copy_organisation(message: OrganisationRegistered, uow: UnitOfWork) -> None:
    """Keep an organisation's name and kind."""
    await keep_organisation(Organisation(message.organisation_id, message.name, message.kind), uow)


LISTENER = Listener(source="orders", handlers={OrganisationRegistered: copy_organisation}, lanes=1)
