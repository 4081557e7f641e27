"""What the launcher writes for a hub is what the hub reads."""

from pathlib import Path

import pytest

from hub.config import load_agent_config
from hub.simulator.settings import load_machine_config
from launcher.city import CityHub, load_city
from launcher.folder import DataFolder
from launcher.hubs import HubTable, Registration, agent_part_name, machine_part_name

CITY = load_city()


@pytest.fixture
def table(tmp_path: Path) -> HubTable:
    names = [machine_part_name(hub, machine) for hub in CITY.hubs for machine in hub.machines]
    ports = dict(zip(names, range(7100, 7200), strict=False))
    return HubTable(DataFolder(tmp_path), CITY, "http://127.0.0.1:7000", "nats://127.0.0.1:7001", ports)


def registration(hub: CityHub, token: str | None = "once") -> Registration:
    return Registration("0199-hub", {machine.name: f"id-{machine.name}" for machine in hub.machines}, token)


@pytest.mark.parametrize("hub", CITY.hubs, ids=lambda hub: hub.slug)
def test_every_hub_of_the_city_can_be_run(table: HubTable, hub: CityHub, tmp_path: Path) -> None:
    parts = table.parts(hub, registration(hub))
    assert [part.name for part in parts] == [*(machine_part_name(hub, m) for m in hub.machines), agent_part_name(hub)]
    agent = load_agent_config(tmp_path / "hubs" / hub.slug / "hub.toml", {})
    assert agent.enrolment_token == "once"
    assert agent.edge_url == "http://127.0.0.1:7000"
    for machine, entry, part in zip(hub.machines, agent.machines, parts, strict=False):
        config = load_machine_config(tmp_path / "hubs" / hub.slug / f"{machine.name}.toml")
        assert f"{config.host}:{config.port}" == entry.address
        assert part.port == config.port
        assert config.id == entry.id == f"id-{machine.name}"
        assert config.model.id == entry.profile_id == machine.profile_id
        assert config.speed_up == 120
        assert config.truth.scale == tuple(machine.truth["scale"])


def test_the_agent_comes_after_its_machines_and_both_can_be_darkened(table: HubTable) -> None:
    hub = CITY.hubs[0]
    *machines, agent = table.parts(hub, registration(hub))
    assert list(agent.after) == [part.name for part in machines]
    assert {part.dark for part in (*machines, agent)} == {table.folder.dark(hub.slug)}


def test_a_hub_that_enrolled_before_needs_no_token(table: HubTable, tmp_path: Path) -> None:
    hub = CITY.hubs[0]
    table.parts(hub, registration(hub, token=None))
    assert load_agent_config(tmp_path / "hubs" / hub.slug / "hub.toml", {}).enrolment_token == ""


def test_a_machines_error_is_its_own_and_the_same_every_time(table: HubTable) -> None:
    seeds = [table.machine_table(hub, m, "x")["seed"] for hub in CITY.hubs for m in hub.machines]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [table.machine_table(hub, m, "x")["seed"] for hub in CITY.hubs for m in hub.machines]
