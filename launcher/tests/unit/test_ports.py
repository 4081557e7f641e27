import socket
from pathlib import Path

from launcher.ports import LOOPBACK, free_ports, is_free, remembered_ports


def test_ports_are_different_and_free() -> None:
    ports = free_ports(40)
    assert len(set(ports)) == 40
    assert all(is_free(port) for port in ports)


def test_ports_are_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < lowest for port in free_ports(40))


def test_a_port_is_remembered(tmp_path: Path) -> None:
    book = tmp_path / "ports.json"
    first = remembered_ports(book, ["edge", "orders"])
    assert remembered_ports(book, ["orders", "edge"]) == first
    assert remembered_ports(book, ["edge", "nats"])["edge"] == first["edge"]


def test_a_port_that_was_taken_since_is_chosen_anew(tmp_path: Path) -> None:
    book = tmp_path / "ports.json"
    first = remembered_ports(book, ["edge", "orders"])
    with socket.socket() as taker:
        taker.bind((LOOPBACK, first["edge"]))
        taker.listen()
        assert not is_free(first["edge"])
        second = remembered_ports(book, ["edge", "orders"])
    assert second["edge"] != first["edge"]
    assert second["orders"] == first["orders"]
