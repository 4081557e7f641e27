"""Settings come from the environment alone; what is unsafe has no default."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What each service needs to run. Every name is read with the prefix `FABMESH_`."""

    model_config = SettingsConfigDict(env_prefix="FABMESH_", extra="ignore", frozen=True)

    database_url: SecretStr = Field(description="postgresql://role:password@host:port/database")
    nats_url: str = Field(description="nats://host:port")
    nats_creds: Path | None = Field(default=None, description="file with the service's NATS user JWT and seed")
    http_host: str = Field(default="127.0.0.1", description="address to listen on")
    http_port: int = Field(description="port to listen on")
    public_url: str = Field(description="where the edge is reached from outside, without a trailing slash")
    max_body_bytes: int = Field(default=2 * 1024 * 1024, description="the largest request body that is read")
    pool_size: int = Field(default=8, ge=1, description="database connections a process")

    def sqlalchemy_url(self) -> str:
        """The database's address for SQLAlchemy's asyncpg dialect."""
        return self.database_url.get_secret_value().replace("postgresql://", "postgresql+asyncpg://", 1)

    def asyncpg_url(self) -> str:
        """The database's address for asyncpg itself."""
        return self.database_url.get_secret_value()
