"""How fast each kind of bead is laid: the profile's feeds, bounded by what the hotend melts and the layer's cooling."""

from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.toolpath import Feature

SLOWEST_MM_PER_S = 10.0


class FeedTable:
    """The feeds of one machine with one material."""

    def __init__(self, profile: MachineProfile, material: MaterialSettings) -> None:
        feeds = profile.feeds
        self._wanted = {
            Feature.OUTER_WALL: feeds.outer_wall_mm_per_s,
            Feature.INNER_WALL: feeds.inner_wall_mm_per_s,
            Feature.SKIN: feeds.skin_mm_per_s,
            Feature.GAP: feeds.outer_wall_mm_per_s / 2.0,
            Feature.BRIDGE: feeds.bridge_mm_per_s,
            Feature.INFILL: feeds.infill_mm_per_s,
            Feature.SKIRT: feeds.first_layer_mm_per_s,
            Feature.BRIM: feeds.first_layer_mm_per_s,
        }
        self._first_layer = feeds.first_layer_mm_per_s
        self._melt = min(profile.nozzle.melt_limit_mm3_per_s, material.fdm.flow_limit_mm3_per_s.value)

    def feed_mm_per_s(self, feature: Feature, greatest_area_mm2: float, *, first_layer: bool) -> float:
        """The feed of a bead whose thickest piece has that cross-section; rounded to 0.01 mm/s downwards."""
        wanted = self._wanted[feature]
        if first_layer:
            wanted = min(wanted, self._first_layer)
        return int(100.0 * min(wanted, self._melt / greatest_area_mm2)) / 100.0


def cooled(feed_mm_per_s: float, slow_down: float) -> float:
    """A feed slowed by a factor, not below the slowest at which beads come out even."""
    if slow_down >= 1.0:
        return feed_mm_per_s
    return min(feed_mm_per_s, max(SLOWEST_MM_PER_S, int(100.0 * feed_mm_per_s * slow_down) / 100.0))
