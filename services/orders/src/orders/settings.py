"""Orders' settings beyond those of every service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.settings import ServiceSettings

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]


class OrdersSettings(ServiceSettings):
    """What the bootstrap needs besides."""

    bootstrap_admin_key_sha256: Sha256 | None = Field(
        default=None, description="hex SHA-256 of the network operator's first key"
    )
    bootstrap_partner_key_sha256: Sha256 | None = Field(
        default=None, description="hex SHA-256 of the demonstration partner's key"
    )
