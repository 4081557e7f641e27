"""The shipped machine profiles and materials: complete, sensible, refused when they are not."""

import re
from importlib import resources

import pytest

from fabrication.data.library import machine_from_toml, machine_profile, machine_profiles, material, material_settings
from fabrication.domain.errors import RecordInvalid, UnknownMaterial, UnknownProfile
from fabrication.domain.machines import fill_sequence


def text_of(profile_id: str) -> str:
    return (resources.files("fabrication.data") / "machines" / f"{profile_id}.toml").read_text("utf-8")


def test_there_are_machines_of_both_dialects():
    profiles = machine_profiles()
    assert {"prusa-mk4", "prusa-mini", "ender-3-v2", "voron-2.4-350"} <= set(profiles)
    assert {profile.dialect for profile in profiles.values()} == {"marlin", "klipper"}


@pytest.mark.parametrize("profile", machine_profiles().values(), ids=lambda profile: profile.id)
def test_a_profile_asks_nothing_that_it_forbids(profile):
    fast = max(profile.feeds.outer_wall_mm_per_s, profile.feeds.infill_mm_per_s, profile.feeds.travel_mm_per_s)
    assert fast <= min(profile.motion.max_feed_mm_per_s[:2])
    assert profile.feeds.lift_mm_per_s <= profile.motion.max_feed_mm_per_s[2]
    assert profile.retraction.feed_mm_per_s <= profile.motion.max_extruder_mm_per_s
    assert profile.source


@pytest.mark.parametrize("profile", machine_profiles().values(), ids=lambda profile: profile.id)
def test_a_start_sequence_heats_before_it_extrudes(profile):
    values = {"nozzle_c": "215", "first_layer_c": "215", "bed_c": "60", "max_z_mm": "50"}
    lines = fill_sequence(profile.sequences.start, values)
    heated = next(number for number, line in enumerate(lines) if line == "M109 S215")
    extruded = next(number for number, line in enumerate(lines) if re.search(r"G1 .*E\d", line))
    assert heated < extruded
    assert lines[-2] == "G92 E0"


@pytest.mark.parametrize("settings", material_settings().values(), ids=lambda settings: settings.id)
def test_every_figure_of_a_material_names_its_source(settings):
    figures = [getattr(settings.fdm, name) for name in settings.fdm.__slots__]
    assert all(len(figure.source) > 10 for figure in figures)
    assert 0.8 < settings.fdm.density_g_per_cm3.value < 2.0


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('process = "fdm"', 'process = "knitting"', "process"),
        ("revision = 1", 'revision = "one"', "revision"),
        ("diameter_mm = 0.4\n", "", "diameter_mm"),
        ("diameter_mm = 0.4\n", "diameter_mm = -0.4\n", "not positive"),
        ("max_height_mm = 0.25", "max_height_mm = 0.39", "four fifths"),
        ("S$bed_c", "S$plate_c", "unknown value"),
        ("[nozzle]", "[nozzle]\ncolour = 1", "colour"),
        ("[nozzle]", "[nozzle", "TOML"),
    ],
)
def test_a_profile_with_a_fault_is_refused(old, new, why):
    text = text_of("prusa-mk4")
    assert old in text
    with pytest.raises(RecordInvalid, match=why):
        machine_from_toml(text.replace(old, new), "test.toml")


def test_what_is_not_there_is_said():
    with pytest.raises(UnknownProfile, match="prusa-mk4"):
        machine_profile("replicator")
    with pytest.raises(UnknownMaterial, match="petg"):
        material("cheese")
