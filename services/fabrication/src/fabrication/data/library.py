"""Reading the shipped TOML files into checked records."""

import tomllib
from functools import cache
from importlib import resources

from fabrication.domain.errors import RecordInvalid, UnknownMaterial, UnknownProfile
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.records import from_record


@cache
def machine_profiles() -> dict[str, MachineProfile]:
    """Every shipped machine profile by its id; raises RecordInvalid when a file is not what it must be."""
    return {profile.id: profile for name, text in _files("machines") for profile in [machine_from_toml(text, name)]}


@cache
def material_settings() -> dict[str, MaterialSettings]:
    """The process settings of every known material by its id; raises RecordInvalid."""
    return {
        settings.id: settings for name, text in _files("materials") for settings in [material_from_toml(text, name)]
    }


def machine_profile(profile_id: str) -> MachineProfile:
    """One profile; raises UnknownProfile."""
    try:
        return machine_profiles()[profile_id]
    except KeyError:
        raise UnknownProfile(f"no machine profile {profile_id!r}; there are {', '.join(machine_profiles())}") from None


def material(material_id: str) -> MaterialSettings:
    """One material's settings; raises UnknownMaterial."""
    try:
        return material_settings()[material_id]
    except KeyError:
        raise UnknownMaterial(f"no settings of {material_id!r}; there are {', '.join(material_settings())}") from None


def machine_from_toml(text: str, name: str) -> MachineProfile:
    """A profile out of TOML text; `name` is told in the error."""
    return from_record(MachineProfile, _parse(text, name), name)


def material_from_toml(text: str, name: str) -> MaterialSettings:
    """A material's settings out of TOML text; `name` is told in the error."""
    return from_record(MaterialSettings, _parse(text, name), name)


def _parse(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise RecordInvalid(name, f"is not TOML: {fault}") from None


def _files(folder: str) -> list[tuple[str, str]]:
    entries = sorted((resources.files(__package__) / folder).iterdir(), key=lambda entry: entry.name)
    return [(entry.name, entry.read_text("utf-8")) for entry in entries if entry.name.endswith(".toml")]
