"""Requests that the workers answer at once: what a script is, what a configuration would take."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from google.protobuf.message import Message
from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.service import Loop
from fabrication.domain.estimates import Refused
from fabrication.messages import (
    EstimateConfiguration,
    InspectModel,
    configuration_estimated,
    model_inspected,
)
from fabrication.usecases.assess_configuration import UnknownVersion, assess, configure, find_version
from fabrication.usecases.inspect_model import inspect_model
from fabrication.usecases.workplace import Workplace
from fabrication.usecases.workshop import CadAway
from messaging.errors import RequestFailed
from messaging.requests import serve

Answer = Callable[[Any], Coroutine[Any, Any, Message]]


def answering(place: Workplace, nats: Client, *, service: str) -> Loop:
    """A loop that answers both requests, one of each at a time."""

    async def on_inspect(question: InspectModel) -> Message:
        return model_inspected(await inspect_model(question.model_source, list(question.requires), place.workshop))

    async def on_estimate(question: EstimateConfiguration) -> Message:
        version = await find_version(question.version_id, place.units)
        configuration = configure(version, question.parameters_json, question.material_id)
        if isinstance(configuration, Refused):
            return configuration_estimated(configuration)
        return configuration_estimated(await assess(configuration, place.workshop, place.units))

    async def run(stop: asyncio.Event) -> None:
        served = [
            await serve(nats, InspectModel, _told(on_inspect), service=service),
            await serve(nats, EstimateConfiguration, _told(on_estimate), service=service),
        ]
        await stop.wait()
        for subscription in served:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    return run


def _told(answer: Answer) -> Answer:
    """The answer, with what cannot be answered now told by its code."""

    async def told(question: Any) -> Message:
        try:
            return await answer(question)
        except CadAway as error:
            raise RequestFailed("cad-away", str(error)) from error
        except UnknownVersion as error:
            raise RequestFailed("unknown-version", str(error)) from error

    return told
