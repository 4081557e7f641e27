"""From catalog: the design versions that may be made, scripts included."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from fabrication.messages import DesignVersionReleased, DesignVersionWithdrawn, design_version
from fabrication.store import designs
from messaging.errors import Reject, RetryLater


async def copy_version(message: DesignVersionReleased, uow: UnitOfWork) -> None:
    """Keep a released version."""
    try:
        version = design_version(message)
    except ValueError as error:
        raise Reject(f"a parameter's value is no JSON: {error}") from error
    await designs.keep(version, uow.session)


async def withdraw_version(message: DesignVersionWithdrawn, uow: UnitOfWork) -> None:
    """Remember that a version is never started again."""
    if not await designs.withdraw(message.version_id, uow.session):
        raise RetryLater(f"the release of version {message.version_id} is not here yet")


LISTENER = Listener(
    source="catalog", handlers={DesignVersionReleased: copy_version, DesignVersionWithdrawn: withdraw_version}
)
