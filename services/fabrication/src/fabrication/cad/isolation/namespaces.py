"""A user namespace of its own, with no network, no System V IPC and no host name in common (namespaces(7))."""

import os
from pathlib import Path

from fabrication.cad.isolation.kernel import unshare

CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def enter() -> None:
    """Move this process, still with one thread, into namespaces of its own; raises OSError.

    The process must still be dumpable: otherwise an ordinary user cannot write its own maps (user_namespaces(7)).
    """
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{uid} {uid} 1")
    (own / "gid_map").write_text(f"{gid} {gid} 1")
