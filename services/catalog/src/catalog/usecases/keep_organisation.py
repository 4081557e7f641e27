"""Copy an organisation, and hand over to it the designs that were held in trust under its name."""

from __future__ import annotations

from dataclasses import replace

from catalog.domain.designs import RightsHolder
from catalog.messages import version_released
from catalog.store import organisations
from catalog.store.designs import designs_in_trust, keep_design, model_source, versions_of
from catalog.store.organisations import Organisation
from chassis.unit_of_work import UnitOfWork


async def keep_organisation(organisation: Organisation, uow: UnitOfWork) -> None:
    """Store the copy. Each version of a design that is handed over is announced again with its rights-holder."""
    await organisations.keep_organisation(uow.session, organisation)
    for held in await designs_in_trust(uow.session, organisation.name):
        design = replace(held, rights_holder=RightsHolder(organisation.id, organisation.name))
        for version in await versions_of(uow.session, design.id):
            if version.withdrawn is None:
                design = design.announced(design.current_version_id)
                message = version_released(design, version, await model_source(uow.session, version.id))
                uow.emit(message, aggregate_id=design.id, version=design.revision)
        await keep_design(uow.session, design)
