from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from launcher.city import load_city
from launcher.errors import SettingsError

HUB = """
[[hubs]]
slug = "altona"
name = "Altona"
location = { lat = 53.55, lon = 9.93 }
timezone = "Europe/Berlin"
opening_hours = { mon = ["08:00", "18:00"] }
stock = { pla = 100 }
machines = [{ name = "m1", profile_id = "prusa-mk4" }]
"""


def test_the_city_that_comes_with_the_launcher() -> None:
    city = load_city()
    assert len(city.hubs) == 8
    profiles = {machine.profile_id for hub in city.hubs for machine in hub.machines}
    assert profiles == {"prusa-mk4", "prusa-mini", "ender-3-v2", "voron-2.4-350"}
    for hub in city.hubs:
        assert 53.39 < hub.location.lat < 53.75, "Hamburg"
        assert 9.70 < hub.location.lon < 10.35, "Hamburg"
        assert ZoneInfo(hub.timezone)
        assert hub.stock["pla"] > 0
        assert all(opens < closes for opens, closes in hub.opening_hours.values())
    assert len({(hub.location.lat, hub.location.lon) for hub in city.hubs}) == 8


def test_a_registration_tells_routing_nothing_of_a_machines_truth(tmp_path: Path) -> None:
    [hub, *_] = load_city().hubs
    body = hub.registration()
    assert body["machines"] == [{"name": each.name, "profile_id": each.profile_id} for each in hub.machines]
    assert body["opening_hours"]["mon"] == ["08:00", "18:00"]
    assert body["location"] == {"lat": hub.location.lat, "lon": hub.location.lon}


def test_the_first_hubs() -> None:
    city = load_city()
    assert [hub.slug for hub in city.first(2).hubs] == [hub.slug for hub in city.hubs[:2]]
    assert city.first(None) == city
    assert city.first(0).hubs == []


@pytest.mark.parametrize("count", [-1, 9])
def test_more_hubs_than_there_are(count: int) -> None:
    with pytest.raises(SettingsError, match="8 hubs"):
        load_city().first(count)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("hubs = 1", "hubs"),
        ("[[hubs]]\nslug = 'x'", "name"),
        (HUB.replace("lat = 53.55", "lat = 91"), "lat"),
        (HUB.replace('"altona"', '"Altona/.."'), "slug"),
        (HUB + "extra = 1", "extra"),
        (HUB + HUB, "same slug"),
        ("hubs = [", "cannot read"),
    ],
)
def test_a_city_that_is_not_right_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "city.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=complaint):
        load_city(file)


def test_a_city_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load_city(tmp_path / "nowhere.toml")
