"""Withdraw a version: it is never started again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalog.domain.designs import Design, DesignVersion, Withdrawal
from catalog.messages import version_withdrawn
from catalog.store.designs import design_called, keep_design, keep_withdrawal, versions_of
from chassis.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WithdrawVersion:
    """Which version, by ids, and why."""

    design_id: str
    version_id: str
    why: str


async def withdraw_version(command: WithdrawVersion, uow: UnitOfWork) -> tuple[Design, DesignVersion]:
    """Withdraw it and announce that; a version that is withdrawn already keeps its first reason.

    The design's current version becomes its newest that is left. Raises LookupError where there is no such version.
    """
    design = await design_called(uow.session, command.design_id, lock=True)
    if design is None:
        raise LookupError(command.design_id)
    versions = {version.id: version for version in await versions_of(uow.session, design.id)}
    version = versions[command.version_id]
    if version.withdrawn is not None:
        return design, version
    withdrawal = Withdrawal(datetime.now(UTC), command.why)
    withdrawn = replace(version, withdrawn=withdrawal)
    await keep_withdrawal(uow.session, withdrawn.id, withdrawal)
    left = [each.id for each in versions.values() if each.withdrawn is None and each.id != withdrawn.id]
    design = design.announced(left[-1] if left else None)
    await keep_design(uow.session, design)
    uow.emit(version_withdrawn(withdrawn), aggregate_id=design.id, version=design.revision)
    return design, withdrawn
