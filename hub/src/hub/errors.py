"""What can go wrong in a hub.

HubError
├── ConfigInvalid      a configuration file that cannot be used
├── EnrolmentRefused   the network does not accept this hub; trying again does not help
├── JournalDamaged     a journal that is unreadable before its last line
├── JournalUnwritable  the disk takes no more of a journal
├── Unreachable        the network or the machine did not answer; worth a retry
│   └── MachineOffline
├── MachineRefused     the machine answered and would not
├── ProgramUnusable    the program is not the one that was promised
└── DownloadFailed     the program could not be had
    └── DownloadForbidden
"""

from __future__ import annotations


class HubError(Exception):
    """Root of this package's errors."""


class ConfigInvalid(HubError):
    """A configuration file that cannot be used; says where and why."""


class EnrolmentRefused(HubError):
    """The network does not accept this hub's enrolment; trying again does not help."""


class JournalDamaged(HubError):
    """A journal is unreadable before its last line: no crash does that, so a person must look."""


class JournalUnwritable(HubError):
    """The disk takes no more of a journal: what cannot be remembered must not be done."""


class Unreachable(HubError):
    """Nobody answered in time."""


class MachineOffline(Unreachable):
    """The machine does not answer."""


class MachineRefused(HubError):
    """The machine answered and would not. `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ProgramUnusable(HubError):
    """The program is not the one that was promised."""


class DownloadFailed(HubError):
    """The program could not be had."""


class DownloadForbidden(DownloadFailed):
    """The key is not good for it, or not any more."""
