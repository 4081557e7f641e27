"""What can go wrong between two parties of the mesh.

MessagingError
├── MalformedMessage   what arrived is no message of ours; never worth a retry
├── Reject             the handler will never accept this message; dead-lettered with the reason
├── RetryLater         the handler cannot take it now; delivered again after a delay
├── NotPublished       JetStream did not acknowledge; the outbox keeps the row and tries again
└── RequestFailed      a request was refused by its owner, or nobody answered in time
    └── NobodyAnswered
"""

from __future__ import annotations


class MessagingError(Exception):
    """Root of this package's errors."""


class MalformedMessage(MessagingError):
    """What arrived does not decode, or lacks an attribute that every message carries."""


class Reject(MessagingError):
    """Raised by a handler: this message is wrong for good. `reason` goes into the dead letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RetryLater(MessagingError):
    """Raised by a handler: not now. It does not count towards the dead letter until the stream's own limit."""

    def __init__(self, why: str, delay_s: float = 0.5) -> None:
        super().__init__(why)
        self.delay_s = delay_s


class NotPublished(MessagingError):
    """No acknowledgement came for a published message."""


class RequestFailed(MessagingError):
    """The owner refused a request. `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class NobodyAnswered(RequestFailed):
    """No owner was there, or it did not answer before the deadline."""
