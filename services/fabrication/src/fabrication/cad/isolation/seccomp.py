"""seccomp: which system calls the child may make, as a classic BPF program (seccomp(2)).

A deny list, because a geometry kernel and its allocator use many harmless calls, laid over Landlock and the namespaces:
what makes processes, sockets, mounts, keys, traces or changes of owner and mode is refused with EPERM. `clone` is
allowed for threads alone; `clone3`, whose flags a filter cannot read, does not exist (ENOSYS), so the C library falls
back to `clone`.
"""

import ctypes
import errno
import platform
import struct

from fabrication.cad.isolation.kernel import PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, prctl

SECCOMP_MODE_FILTER = 2
RET_KILL, RET_ERRNO, RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
AUDIT_ARCH_X86_64 = 0xC000003E
X32_BIT = 0x40000000
CLONE_THREAD = 0x00010000

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
OFFSET_NUMBER, OFFSET_ARCHITECTURE, OFFSET_FIRST_ARGUMENT = 0, 4, 16

CLONE, CLONE3 = 56, 435

DENIED_X86_64 = {
    "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50, "socketpair": 53,
    "accept4": 288, "sendmmsg": 307,
    "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
    "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "pidfd_send_signal": 424,
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "pidfd_open": 434,
    "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "fchmodat": 268,
    "fchmodat2": 452,
    "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280,
    "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
    "setxattrat": 463, "removexattrat": 466,
    "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266, "mknod": 133, "mknodat": 259,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "unshare": 272, "setns": 308,
    "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setgroups": 116, "setresuid": 117,
    "setresgid": 119, "capset": 126, "setfsuid": 122, "setfsgid": 123,
    "setrlimit": 160, "setpriority": 141, "sched_setattr": 314, "ioprio_set": 251,
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427,
    "keyctl": 250, "add_key": 248, "request_key": 249, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "kexec_load": 246, "kexec_file_load": 320, "reboot": 169, "swapon": 167, "swapoff": 168, "sethostname": 170,
    "setdomainname": 171, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305,
    "syslog": 103, "quotactl": 179, "acct": 163, "iopl": 172, "ioperm": 173, "modify_ldt": 154,
    "open_by_handle_at": 304, "name_to_handle_at": 303, "fanotify_init": 300, "inotify_init": 253, "inotify_init1": 294,
    "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "shmat": 30, "msgget": 68, "semget": 64, "mq_open": 240,
    "personality": 135, "vhangup": 153, "move_pages": 279, "mbind": 237, "migrate_pages": 256,
}  # fmt: skip


def available() -> bool:
    """Whether the filter is written for this machine's architecture."""
    return platform.machine() == "x86_64"


def filter_program() -> bytes:
    """The BPF program as the kernel reads it: eight bytes an instruction."""
    denied = sorted(DENIED_X86_64.values())
    code = [
        _instruction(LOAD, 0, 0, OFFSET_ARCHITECTURE),
        _instruction(JUMP_EQUAL, 1, 0, AUDIT_ARCH_X86_64),
        _instruction(RETURN, 0, 0, RET_KILL),
        _instruction(LOAD, 0, 0, OFFSET_NUMBER),
        _instruction(JUMP_AT_LEAST, 0, 1, X32_BIT),
        _instruction(RETURN, 0, 0, RET_ERRNO | errno.ENOSYS),
        _instruction(JUMP_EQUAL, 0, 1, CLONE3),
        _instruction(RETURN, 0, 0, RET_ERRNO | errno.ENOSYS),
        _instruction(JUMP_EQUAL, 0, 4, CLONE),
        _instruction(LOAD, 0, 0, OFFSET_FIRST_ARGUMENT),
        _instruction(JUMP_SET, 1, 0, CLONE_THREAD),
        _instruction(RETURN, 0, 0, RET_ERRNO | errno.EPERM),
        _instruction(RETURN, 0, 0, RET_ALLOW),
    ]
    for number in denied:
        code += [_instruction(JUMP_EQUAL, 0, 1, number), _instruction(RETURN, 0, 0, RET_ERRNO | errno.EPERM)]
    code.append(_instruction(RETURN, 0, 0, RET_ALLOW))
    return b"".join(code)


def install() -> None:
    """Put the filter over this process for good; raises OSError, also on architectures it is not written for."""
    if not available():
        raise OSError(f"no seccomp filter is written for {platform.machine()}")
    program = filter_program()
    body = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(body))
    holder = ctypes.create_string_buffer(header, len(header))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(holder))


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
