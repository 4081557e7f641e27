"""Grant an organisation the right to have parts of a design made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.auth import Principal
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.errors import NotPermitted, Unacceptable
from orders.domain.licences import Licence
from orders.store import designs, licences, organisations


@dataclass(frozen=True, slots=True)
class GrantLicence:
    """`organisation`: id or name of the partner; `units` None: without limit; `until` None: for good."""

    design: str
    organisation: str
    units: int | None
    territory: str = ""
    until: datetime | None = None


async def grant_licence(command: GrantLicence, principal: Principal, uow: UnitOfWork) -> Licence:
    """A new licence beside those that the partner holds. Raises NotPermitted or Unacceptable."""
    found = await designs.find(uow.session, command.design)
    if found is None:
        raise Unacceptable("unknown-design", f"No design {command.design!r} is released.")
    version = found.version
    if not principal.owns(version.rights_holder_id):
        raise NotPermitted("not-the-rights-holder", f"Only the rights-holder of {version.slug} grants licences for it.")
    partner = await organisations.named(uow.session, command.organisation)
    if partner is None:
        raise Unacceptable("unknown-organisation", f"There is no organisation {command.organisation!r}.")
    if command.until is not None and command.until <= datetime.now(UTC):
        raise Unacceptable("already-expired", "`until` must lie in the future.")
    licence = Licence(
        id=uuid7(),
        design_id=version.design_id,
        organisation_id=partner.id,
        rights_holder_id=version.rights_holder_id,
        units=command.units,
        territory=command.territory,
        until=command.until,
    )
    return await licences.insert_licence(uow.session, licence)
