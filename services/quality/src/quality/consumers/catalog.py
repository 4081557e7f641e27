"""From catalog: how the parts of each design version are checked."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from quality.messages import DesignVersionReleased, rules_of
from quality.store.copies import DesignVersion
from quality.usecases.keep_copies import keep_version


async def copy_version(message: DesignVersionReleased, uow: UnitOfWork) -> None:
    """Keep a version's characteristics."""
    version = DesignVersion(
        id=message.version_id,
        design_id=message.design_id,
        slug=message.slug,
        number=message.version,
        title=message.title,
        rules=rules_of(message),
    )
    await keep_version(version, uow)


LISTENER = Listener(source="catalog", handlers={DesignVersionReleased: copy_version}, lanes=2)
