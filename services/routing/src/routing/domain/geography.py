"""Distances on the Earth."""

from __future__ import annotations

import math
from dataclasses import dataclass

_MEAN_RADIUS_KM = 6371.0088  # IUGG


@dataclass(frozen=True, slots=True)
class Place:
    """A point, WGS 84."""

    lat_deg: float
    lon_deg: float

    def distance_km(self, other: Place) -> float:
        """Great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984)."""
        lat_a, lat_b = math.radians(self.lat_deg), math.radians(other.lat_deg)
        half_lat = math.sin((lat_b - lat_a) / 2)
        half_lon = math.sin(math.radians(other.lon_deg - self.lon_deg) / 2)
        chord = half_lat**2 + math.cos(lat_a) * math.cos(lat_b) * half_lon**2
        return 2 * _MEAN_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))
