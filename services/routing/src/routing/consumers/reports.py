"""Reports of hubs, from the stream REPORTS: one durable for all of routing, in order for each machine."""

from __future__ import annotations

from dataclasses import dataclass

from nats.aio.msg import Msg

from chassis.database import UNAVAILABLE, is_transient
from chassis.unit_of_work import UnitsOfWork
from messaging.consumer import Subscription, handling
from messaging.errors import RetryLater
from messaging.streams import REPORTS
from messaging.subjects import dead_letter
from routing.consumers.commands import ACK_WAIT_S
from routing.domain.rules import Rules
from routing.messages.hub import report_of
from routing.usecases.hear_report import hear_report

DURABLE = "routing-reports"
_PATIENCE = 20
"""Deliveries for which a report waits for the ones before it, half a second each."""


@dataclass(frozen=True)
class Ear:
    """What hearing a report takes."""

    units: UnitsOfWork
    rules: Rules


@dataclass(frozen=True, kw_only=True)
class ReportSubscription(Subscription):
    """Reads structured JSON; who speaks is what the subject says. A malformed report is a dead letter."""

    ear: Ear

    def subjects(self) -> list[str]:
        """All reports of all hubs."""
        return ["hub.*.reports.*"]

    def lane_of(self, msg: Msg) -> str:
        """The reports of one machine are handled one after the other."""
        return msg.subject

    def queue_of(self, msg: Msg) -> str:  # noqa: ARG002 - all reports share one
        """Where reports are kept that cannot be read."""
        return dead_letter(self.service, "reports")

    async def handle(self, msg: Msg, attempt: int) -> None:
        """Read a report and let it count. Raises MalformedMessage, Reject, RetryLater."""
        heard = report_of(msg.subject, msg.data)
        with handling(heard.envelope, msg.subject):
            try:
                async with self.ear.units.begin(heard.envelope) as uow:
                    await hear_report(heard.report, uow, self.ear.rules, patient=attempt <= _PATIENCE)
            except Exception as error:
                if isinstance(error, RetryLater) or not is_transient(error):
                    raise
                raise RetryLater(f"{type(error).__name__}: {error}") from error


def reports(units: UnitsOfWork, rules: Rules) -> ReportSubscription:
    """The durable `routing-reports`."""
    return ReportSubscription(
        service="routing",
        durable=DURABLE,
        stream=REPORTS,
        handlers={},
        lanes=8,
        max_ack_pending=256,
        ack_wait_s=ACK_WAIT_S,
        transient=UNAVAILABLE,
        ear=Ear(units, rules),
    )
