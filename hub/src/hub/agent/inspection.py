"""Measuring finished parts with what the machine, or a gauge beside it, can measure by itself."""

from __future__ import annotations

import logging

from fabmesh.types.v1.types_pb2 import Measurement
from hub.agent.back_off import BackOff
from hub.agent.jobs import Job
from hub.drivers import MachineDriver, Reading, ToMeasure
from hub.errors import MachineOffline, MachineRefused

log = logging.getLogger(__name__)

_MOST_TRIES = 8


async def measure(driver: MachineDriver, job: Job) -> list[Measurement]:
    """The measurements of every part, by each characteristic that says how; those without are a technician's.

    Where the machine cannot or stays away, nothing: then all is measured by hand.
    """
    offer = job.offered()
    wanted = [
        ToMeasure(each.name, each.feature, (each.at.x_mm, each.at.y_mm, each.at.z_mm), each.instrument, each.unit)
        for each in offer.characteristics
        if each.feature
    ]
    if not wanted:
        return []
    parts = list(offer.part_ids)
    placements = [list(each.matrix) for each in offer.placements][: len(parts)]
    units = {each.name: each.unit for each in wanted}
    return [
        Measurement(
            part_id=parts[reading.copy],
            characteristic=reading.characteristic,
            value=reading.value,
            unit=units[reading.characteristic],
            instrument=reading.instrument,
        )
        for reading in await _readings(driver, job, placements, wanted)
    ]


async def _readings(
    driver: MachineDriver, job: Job, placements: list[list[float]], wanted: list[ToMeasure]
) -> list[Reading]:
    back_off = BackOff()
    for _ in range(_MOST_TRIES):
        try:
            return await driver.measure(job.key, placements, wanted)
        except MachineOffline as error:
            log.warning("%s: measuring: %s; trying again", job.machine_id, error)
            await back_off.wait()
        except MachineRefused as error:
            log.warning("%s: not measured: %s", job.machine_id, error)
            return []
    return []
