"""TCP ports on the loopback, chosen once and remembered.

They come from below the range from which the kernel takes the local ports of outgoing connections: a port from that
range can be taken by anybody's connection while its server is being restarted.
"""

import random
import socket
from collections.abc import Collection, Iterable
from pathlib import Path

from launcher.errors import StartError
from launcher.files import read_json, write_json

LOOPBACK = "127.0.0.1"
_LOWEST = 15_000
_ATTEMPTS = 1_000


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int, without: Collection[int] = ()) -> list[int]:
    """That many different ports on which nobody listens now, none of them in `without`."""
    highest = _first_ephemeral_port() - 1
    ports: set[int] = set()
    for _ in range(_ATTEMPTS):
        if len(ports) == count:
            return list(ports)
        port = random.randint(_LOWEST, highest)
        if port not in without and is_free(port):
            ports.add(port)
    raise StartError(f"no {count} free ports between {_LOWEST} and {highest}")


def remembered_ports(book: Path, names: Iterable[str]) -> dict[str, int]:
    """A port for each name: the one that `book` remembers, or a fresh one where that is missing or taken."""
    wanted = list(names)
    known: dict[str, int] = read_json(book)
    missing = [name for name in wanted if name not in known or not is_free(known[name])]
    if missing:
        known |= dict(zip(missing, free_ports(len(missing), known.values()), strict=True))
        write_json(book, known)
    return {name: known[name] for name in wanted}


def _first_ephemeral_port() -> int:
    try:
        lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        lowest = 32_768
    return lowest if lowest > _LOWEST + _ATTEMPTS else 65_536
