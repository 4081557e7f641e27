"""From one part's beads to the plate's: every copy in its place, with feeds and the machine's volumes."""

from dataclasses import dataclass

import numpy as np

from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.toolpath import Bead, ObjectRun, ToolLayer
from fabrication.processes.fdm.feeds import FeedTable, cooled
from fabrication.processes.fdm.path import Path
from fabrication.processes.fdm.timing import layer_seconds

PLATE = -1


@dataclass(frozen=True, slots=True)
class LocalLayer:
    """One layer of one copy about its own centre, and what the plate itself gets (the skirt) in plate coordinates."""

    index: int
    z_mm: float
    height_mm: float
    paths: list[Path]
    retracts: list[bool]
    plate_paths: list[Path]


class PlateWriter:
    """Places layers on the plate of one machine with one material."""

    def __init__(
        self, profile: MachineProfile, material: MaterialSettings, centres_mm: tuple[tuple[float, float], ...]
    ) -> None:
        self._profile = profile
        self._material = material
        self._centres = centres_mm
        self._feeds = FeedTable(profile, material)

    def layer(self, local: LocalLayer, start: tuple[float, float]) -> tuple[ToolLayer, float]:
        """The layer on the plate and its seconds; slowed where it would not have set before the next."""
        layer = self._placed(local, 1.0)
        seconds = layer_seconds(layer, start, self._profile)
        least = self._material.fdm.min_layer_s.value
        if local.index == 0 or seconds >= least or seconds <= 0.0:
            return layer, seconds
        slowed = self._placed(local, seconds / least)
        return slowed, layer_seconds(slowed, start, self._profile)

    def _placed(self, local: LocalLayer, slow_down: float) -> ToolLayer:
        fdm, motion = self._material.fdm, self._profile.motion
        first = local.index == 0
        runs = []
        if local.plate_paths:
            retracts = [True] * len(local.plate_paths)
            runs.append(self._run(local.plate_paths, retracts, PLATE, (0.0, 0.0), first=first, slow_down=1.0))
        order = range(len(self._centres)) if local.index % 2 == 0 else range(len(self._centres) - 1, -1, -1)
        for copy in order:
            centre = self._centres[copy]
            runs.append(self._run(local.paths, local.retracts, copy, centre, first=first, slow_down=slow_down))
        return ToolLayer(
            index=local.index,
            z_mm=local.z_mm,
            height_mm=local.height_mm,
            fan=fdm.fan.value * min(1.0, local.index / 2.0),
            bridge_fan=fdm.bridge_fan.value,
            acceleration_mm_per_s2=(
                motion.first_layer_acceleration_mm_per_s2 if first else motion.acceleration_mm_per_s2
            ),
            nozzle_c=fdm.first_layer_nozzle_c.value if first else fdm.nozzle_c.value,
            runs=tuple(runs),
        )

    def _run(
        self,
        paths: list[Path],
        retracts: list[bool],
        copy: int,
        centre: tuple[float, float],
        *,
        first: bool,
        slow_down: float,
    ) -> ObjectRun:
        beads = [
            self._bead(path, retract, centre, first=first, slow_down=slow_down)
            for path, retract in zip(paths, retracts, strict=True)
        ]
        return ObjectRun(copy, tuple(beads))

    def _bead(self, path: Path, retract: bool, centre: tuple[float, float], *, first: bool, slow_down: float) -> Bead:
        placed = np.round(path.points + centre, 3)
        lengths = np.linalg.norm(np.diff(placed, axis=0), axis=1)
        volumes = lengths * path.areas_mm2 * self._material.fdm.flow_ratio.value
        feed = self._feeds.feed_mm_per_s(path.feature, float(path.areas_mm2.max()), first_layer=first)
        return Bead(
            path.feature,
            tuple((x, y) for x, y in placed.tolist()),
            tuple(volumes.tolist()),
            cooled(feed, slow_down),
            retract,
        )
