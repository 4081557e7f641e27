"""The city: which hubs there are, with which machines, hours and materials (`city.toml`)."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from launcher.errors import SettingsError

_SLUG = r"^[a-z][a-z0-9-]{0,40}$"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Location(_Row):
    """Degrees, WGS 84."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class CityMachine(_Row):
    """A virtual machine; `truth` is how it differs from its drawing, as the hub's `machine.toml` has it."""

    name: str = Field(pattern=_SLUG)
    profile_id: str
    truth: dict[str, Any] = Field(default_factory=dict)


class CityHub(_Row):
    """A workshop. `opening_hours` are local, by day; `stock` is in grams by material."""

    slug: str = Field(pattern=_SLUG)
    name: str
    location: Location
    timezone: str
    opening_hours: dict[str, tuple[str, str]]
    stock: dict[str, float]
    machines: list[CityMachine] = Field(min_length=1)

    def registration(self) -> dict[str, Any]:
        """The hub as `POST /routing/v1/hubs` wants it."""
        body = self.model_dump(mode="json", exclude={"machines"})
        return body | {"machines": [{"name": each.name, "profile_id": each.profile_id} for each in self.machines]}


class VirtualMachines(_Row):
    """`speed_up`: seconds of machine time in one real second; `clear_s`: real seconds until a bed is cleared."""

    speed_up: float = Field(default=120.0, gt=0)
    clear_s: float = 0.5


class City(_Row):
    """All hubs, in the order in which `--hubs N` takes them."""

    virtual_machines: VirtualMachines = VirtualMachines()
    hubs: list[CityHub]

    def first(self, count: int | None) -> "City":
        """The city with its first hubs only. Raises SettingsError where it has not that many."""
        if count is None:
            return self
        if not 0 <= count <= len(self.hubs):
            raise SettingsError(f"the city has {len(self.hubs)} hubs, not {count}")
        return self.model_copy(update={"hubs": self.hubs[:count]})


def load_city(path: Path | None = None) -> City:
    """The city in `path`, or the one that comes with the launcher. Raises SettingsError with what is wrong."""
    try:
        text = path.read_text() if path else resources.files("launcher").joinpath("city.toml").read_text()
        city = City.model_validate(tomllib.loads(text))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read the city: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SettingsError(f"the city is not right: {wrong}") from error
    slugs = [hub.slug for hub in city.hubs]
    if len(set(slugs)) != len(slugs):
        raise SettingsError("two hubs of the city have the same slug")
    return city
