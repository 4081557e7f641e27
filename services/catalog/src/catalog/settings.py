"""Catalog's settings beyond those of every service."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    """Which further packages a design's script may import."""

    allowed_packages: str = Field(
        default="", description="packages that designs may require, as name==version, separated by commas"
    )

    def packages(self) -> frozenset[str]:
        """The allow-list."""
        return frozenset(name.strip() for name in self.allowed_packages.split(",") if name.strip())
