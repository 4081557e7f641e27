"""The few system calls that Python does not wrap."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a raw system call; raises OSError."""
    converted = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *converted))


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """Set one of the process's own attributes; raises OSError."""
    arguments = [ctypes.c_ulong(item) for item in (value, pointer, 0, 0)]
    _checked(_libc.prctl(ctypes.c_int(option), *arguments))


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags`; raises OSError."""
    _checked(_libc.unshare(ctypes.c_int(flags)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
