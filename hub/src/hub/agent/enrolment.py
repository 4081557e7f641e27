"""Becoming a hub of the network: once, with a token that a hub operator was given."""

from __future__ import annotations

import asyncio
import logging

from hub.agent.back_off import BackOff
from hub.agent.credentials import Credentials, Identity
from hub.agent.web import post_json
from hub.config import TOKEN_VARIABLE, AgentConfig
from hub.errors import EnrolmentRefused, Unreachable

log = logging.getLogger(__name__)

_PATH = "/routing/v1/enrolments"


async def enrol(config: AgentConfig, identity: Identity) -> Credentials:
    """The hub's credentials: those of before, or of an enrolment now, tried until the network answers.

    Raises EnrolmentRefused when the answer is no, or when there is no token to ask with.
    """
    known = identity.load()
    if known is not None:
        return known
    if not config.enrolment_token:
        raise EnrolmentRefused(
            f"not enrolled yet: set `enrolment_token`, or {TOKEN_VARIABLE}, to the token you were given"
        )
    question = {"token": config.enrolment_token, "public_nkey": identity.public_nkey()}
    back_off = BackOff()
    while True:
        try:
            answer = await asyncio.to_thread(post_json, config.edge_url + _PATH, question)
        except Unreachable as error:
            log.warning("enrolment: %s; trying again", error)
            await back_off.wait()
        else:
            credentials = Credentials.from_answer(answer)
            identity.save(credentials)
            log.info("enrolled as hub %s", credentials.hub_id)
            return credentials
