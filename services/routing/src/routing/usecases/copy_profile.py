"""Keep a copy of a machine profile."""

from __future__ import annotations

from chassis.unit_of_work import UnitOfWork
from routing.store import profiles
from routing.store.profiles import Profile


async def copy_profile(profile: Profile, uow: UnitOfWork) -> None:
    """Keep what fabrication released; a repeat changes nothing."""
    await profiles.put(uow.session, profile)
