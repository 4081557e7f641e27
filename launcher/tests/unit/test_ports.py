import socket
from pathlib import Path

import pytest

from launcher import ports
from launcher.errors import StartError
from launcher.ports import LOOPBACK, free_ports, is_free, remembered_ports


def test_ports_are_different_however_few_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_first_ephemeral_port", lambda: ports._LOWEST + 50)
    assert len(set(free_ports(30))) == 30


def test_a_port_at_which_somebody_listens_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    [taken] = free_ports(1)
    monkeypatch.setattr(ports, "_LOWEST", taken)
    monkeypatch.setattr(ports, "_first_ephemeral_port", lambda: taken + 2)
    with socket.socket() as taker:
        taker.bind((LOOPBACK, taken))
        taker.listen()
        assert taken not in free_ports(1)


def test_when_there_are_none_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_first_ephemeral_port", lambda: ports._LOWEST + 3)
    with pytest.raises(StartError, match="no 4 free ports"):
        free_ports(4)


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


def test_a_fresh_port_is_none_that_is_remembered_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_first_ephemeral_port", lambda: ports._LOWEST + 40)
    book = tmp_path / "ports.json"
    names = [f"part-{number}" for number in range(20)]
    for name in names:
        remembered_ports(book, [name])
    assert len(set(remembered_ports(book, names).values())) == 20
