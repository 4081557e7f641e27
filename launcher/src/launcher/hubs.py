"""The hubs of the city: registered with routing, then run as one agent and its virtual machines each."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from launcher.city import City, CityHub, CityMachine
from launcher.environment import inherited
from launcher.files import write_private
from launcher.folder import DataFolder
from launcher.parts import Part
from launcher.ports import LOOPBACK
from launcher.programs import beside_python
from launcher.toml_text import toml_text

_STOP_S = 15.0


MACHINE, AGENT = "machine", "agent"


def machine_part_name(hub: CityHub, machine: CityMachine) -> str:
    """The part that is this virtual machine."""
    return f"{MACHINE}-{hub.slug}-{machine.name}"


def agent_part_name(hub: CityHub) -> str:
    """The part that is this hub's agent."""
    return f"{AGENT}-{hub.slug}"


@dataclass(frozen=True)
class Registration:
    """Routing's answer: the hub's id, its machines' ids by name, and the token to enrol with while it never did."""

    hub_id: str
    machine_ids: Mapping[str, str]
    enrolment_token: str | None


@dataclass(frozen=True)
class HubTable:
    """What the hubs of one instance have in common. `ports` holds one for each machine's part."""

    folder: DataFolder
    city: City
    edge_url: str
    nats_url: str
    ports: Mapping[str, int]

    def parts(self, hub: CityHub, registration: Registration) -> list[Part]:
        """The hub's machines and its agent; writes their configuration files."""
        self._write(hub, "hub.toml", self.agent_table(hub, registration))
        machines = [self._machine(hub, machine, registration.machine_ids[machine.name]) for machine in hub.machines]
        return [*machines, self._agent(hub)]

    def agent_table(self, hub: CityHub, registration: Registration) -> dict[str, Any]:
        """The agent's `hub.toml`."""
        machines = [
            {
                "id": registration.machine_ids[machine.name],
                "name": machine.name,
                "profile_id": machine.profile_id,
                "driver": "virtual",
                "address": self._address(hub, machine),
            }
            for machine in hub.machines
        ]
        table = {"data_dir": "agent", "edge_url": self.edge_url, "nats_url": self.nats_url, "machines": machines}
        if registration.enrolment_token is not None:
            table["enrolment_token"] = registration.enrolment_token
        return table

    def machine_table(self, hub: CityHub, machine: CityMachine, machine_id: str) -> dict[str, Any]:
        """The virtual machine's `machine.toml`; its error is its own and the same in every run."""
        return {
            "id": machine_id,
            "model": machine.profile_id,
            "listen": self._address(hub, machine),
            "data_dir": machine.name,
            "speed_up": self.city.virtual_machines.speed_up,
            "clear_s": self.city.virtual_machines.clear_s,
            "seed": random.Random(machine_part_name(hub, machine)).randrange(2**31),
            "truth": machine.truth,
        }

    def _agent(self, hub: CityHub) -> Part:
        return Part(
            name=agent_part_name(hub),
            argv=self._argv("agent", hub, "hub.toml"),
            environment=inherited(),
            after=[machine_part_name(hub, machine) for machine in hub.machines],
            dark=self.folder.dark(hub.slug),
            stop_s=_STOP_S,
        )

    def _machine(self, hub: CityHub, machine: CityMachine, machine_id: str) -> Part:
        file = f"{machine.name}.toml"
        self._write(hub, file, self.machine_table(hub, machine, machine_id))
        name = machine_part_name(hub, machine)
        return Part(
            name=name,
            argv=self._argv("machine", hub, file),
            environment=inherited(),
            port=self.ports[name],
            ready=f"tcp://{self._address(hub, machine)}",
            dark=self.folder.dark(hub.slug),
            stop_s=_STOP_S,
        )

    def _argv(self, command: str, hub: CityHub, file: str) -> Sequence[str]:
        return [str(beside_python("fabmesh-hub")), command, "--config", str(self.folder.hubs / hub.slug / file)]

    def _address(self, hub: CityHub, machine: CityMachine) -> str:
        return f"{LOOPBACK}:{self.ports[machine_part_name(hub, machine)]}"

    def _write(self, hub: CityHub, file: str, table: Mapping[str, Any]) -> None:
        write_private(self.folder.hubs / hub.slug / file, toml_text(table))
