"""From catalog: the designs that can be ordered."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from messaging.errors import Reject
from orders.messages import heard
from orders.store.designs import Withdrawn
from orders.usecases.copy_design import copy_design, withdraw_design


async def on_released(message: heard.DesignVersionReleased, uow: UnitOfWork) -> None:
    """Keep a version."""
    try:
        version = heard.design_version(message)
    except ValueError as error:
        raise Reject(f"version {message.version_id}: {error}") from error
    await copy_design(version, uow)


async def on_withdrawn(message: heard.DesignVersionWithdrawn, uow: UnitOfWork) -> None:
    """Let a version be ordered no more; those who wait for it are told by the loop of withdrawals."""
    await withdraw_design(message.version_id, Withdrawn(heard.moment_of(message.withdrawn_at), message.why), uow)


LISTENER = Listener(
    source="catalog",
    handlers={heard.DesignVersionReleased: on_released, heard.DesignVersionWithdrawn: on_withdrawn},
    lanes=2,
)
