"""Landlock: which files the child may see, and no TCP, abstract sockets or signals outwards (landlock(7))."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from fabrication.cad.isolation.kernel import PR_SET_NO_NEW_PRIVS, prctl, syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14

READ = READ_FILE | READ_DIR
READ_AND_WRITE = READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
"""No execute, no folders, no links, no devices, no sockets."""

_FILE_RIGHTS_BY_ABI = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_ALL_FILE_RIGHTS = 0xFFFF
_ALL_NETWORK_RIGHTS = 3
_ALL_SCOPES = 3


def abi() -> int:
    """The kernel's Landlock version, 0 where it has none or it is switched off."""
    try:
        return syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> int:
    """Confine this process and its future threads to these paths; answers the version in force; raises OSError."""
    version = abi()
    if version < 1:
        raise OSError("the kernel has no Landlock")
    handled = _FILE_RIGHTS_BY_ABI.get(version, _ALL_FILE_RIGHTS)
    ruleset = _ruleset(version, handled)
    try:
        for paths, rights in ((readable, READ), (writable, READ_AND_WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _ruleset(version: int, handled: int) -> int:
    attributes = struct.pack("Q", handled)
    if version >= 4:
        attributes += struct.pack("Q", _ALL_NETWORK_RIGHTS)
    if version >= 6:
        attributes += struct.pack("Q", _ALL_SCOPES)
    return syscall(CREATE_RULESET, ctypes.create_string_buffer(attributes, len(attributes)), len(attributes), 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= READ_FILE | WRITE_FILE | TRUNCATE
        rule = struct.pack("=Qi", rights, beneath)
        syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(beneath)
