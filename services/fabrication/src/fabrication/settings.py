"""What fabrication needs beyond what every service does."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from chassis.settings import ServiceSettings

_MIB = 1024 * 1024


class FabricationSettings(ServiceSettings):
    """Settings of fabrication; see ServiceSettings."""

    artefacts: str = Field(
        pattern=r"^(file:///.+|jetstream://[A-Za-z0-9_-]+)$",
        description="where artefacts lie: file:///folder, or jetstream://bucket",
    )
    artefact_max_bytes: int = Field(default=256 * _MIB, ge=1, description="the largest artefact that is kept")
    artefact_reserve_bytes: int = Field(default=64 * _MIB, ge=0, description="free bytes below which a folder is full")
    cad_lanes: int = Field(default=1, ge=1, le=64, description="CAD jobs a worker process runs at once")
    cad_folder: Path | None = Field(default=None, description="where CAD workers keep their scratch folders")
    cad_packages: Path | None = Field(
        default=None, description="folder of packages that designs may require, one folder NAME-VERSION each"
    )
    estimate_timeout_s: float = Field(default=20.0, gt=0, description="how long an estimate may take")
