"""Claims of hubs on `hub.<hub>.claims`."""

from __future__ import annotations

import asyncio
import logging

from opentelemetry import trace

from chassis.service import Runtime
from messaging.consumer import handling
from messaging.errors import MalformedMessage
from routing.consumers.requests import answer_until_stopped
from routing.domain.errors import NotTheHolder
from routing.domain.rules import Rules
from routing.messages.hub import ClaimAsked, claim_granted, claim_of, claim_refused
from routing.settings import RoutingSettings
from routing.usecases.decide_claim import Claim, decide_claim

log = logging.getLogger(__name__)


class ClaimEar:
    """Grants and refuses. Without the database it is silent, and the hub asks again."""

    def __init__(self, runtime: Runtime[RoutingSettings], rules: Rules) -> None:
        self._runtime = runtime
        self._rules = rules

    async def run(self, stop: asyncio.Event) -> None:
        """Answer claims until `stop` is set."""
        await answer_until_stopped(self._runtime.nats, "hub.*.claims", self._answer, stop)

    async def _answer(self, subject: str, body: bytes) -> bytes:
        try:
            asked = claim_of(subject, body)
        except MalformedMessage as error:
            log.warning("%s: %s", subject, error)
            return claim_refused(None, str(error))
        with handling(asked.envelope, subject):
            return await self._decide(asked)

    async def _decide(self, asked: ClaimAsked) -> bytes:
        claim = Claim(asked.job_order_id, asked.holder)
        try:
            async with self._runtime.units.begin(asked.envelope) as uow:
                grant = await decide_claim(claim, uow, self._rules, self._runtime.settings.public_url)
        except NotTheHolder as error:
            trace.get_current_span().set_attribute("fabmesh.claim.refused", error.why)
            log.info("claim of %s on %s is refused: %s", asked.hub_id, asked.job_order_id, error.why)
            return claim_refused(asked, error.why)
        return claim_granted(asked, grant)
