"""Machine profiles, which fabrication releases."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from routing.messages.heard import MachineProfileReleased, volume_of
from routing.store.profiles import Profile
from routing.usecases.copy_profile import copy_profile


async def _copy(message: MachineProfileReleased, uow: UnitOfWork) -> None:
    profile = Profile(
        id=message.profile_id,
        revision=message.revision,
        title=message.title,
        process=message.process,
        volume=volume_of(message),
        material_ids=list(message.material_ids),
    )
    await copy_profile(profile, uow)


LISTENER = Listener(source="fabrication", handlers={MachineProfileReleased: _copy}, lanes=1)
