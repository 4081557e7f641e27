"""Routing's settings, beyond those of every service."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from chassis.settings import ServiceSettings
from routing.domain.rules import Rules

_DEFAULT = Rules()


class RoutingSettings(ServiceSettings):
    """Every name is read with the prefix `FABMESH_`."""

    hub_signing_seed: SecretStr = Field(description="the scoped NATS key with which a hub's JWT is signed")
    hubs_account: str = Field(description="public key of the NATS account in which hubs live")
    hub_nats_url: str = Field(default="", description="where hubs reach NATS; empty: at FABMESH_NATS_URL")
    allocation_lease_s: float = Field(default=_DEFAULT.allocation_lease_s, gt=0, description="until it is claimed")
    lease_s: float = Field(default=_DEFAULT.lease_s, gt=0, description="of a claimed job order, between heartbeats")
    hub_lost_s: float = Field(default=_DEFAULT.hub_lost_s, gt=0, description="silence after which a hub is lost")
    heartbeat_interval_s: float = Field(default=_DEFAULT.heartbeat_interval_s, gt=0, description="asked of the hubs")
    retry_s: float = Field(default=_DEFAULT.retry_s, gt=0, description="how often a waiting job order is tried again")
    max_setbacks: int = Field(default=_DEFAULT.max_setbacks, ge=1, description="machines that may give a job order up")

    @model_validator(mode="after")
    def _heard_often_enough(self) -> Self:
        if self.heartbeat_interval_s * 2 > min(self.lease_s, self.hub_lost_s):
            raise ValueError("heartbeat_interval_s may be half of lease_s and of hub_lost_s at the most")
        return self

    def rules(self) -> Rules:
        """The part of the settings that the domain works by."""
        return Rules(
            allocation_lease_s=self.allocation_lease_s,
            lease_s=self.lease_s,
            hub_lost_s=self.hub_lost_s,
            heartbeat_interval_s=self.heartbeat_interval_s,
            retry_s=self.retry_s,
            max_setbacks=self.max_setbacks,
        )
