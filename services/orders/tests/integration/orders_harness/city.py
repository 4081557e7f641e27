"""The other services as orders hears them: each command is answered by events, over the real mesh."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig

from messaging.envelope import Envelope, seal, unseal
from messaging.errors import NotPublished
from messaging.publisher import Publisher
from messaging.streams import COMMANDS
from messaging.subjects import context_of, subject_of
from orders_harness.words import Job, assessed

Answer = Callable[[Any], list[Message]]


class City:
    """Answers commands until it is stopped. `answers` by the command's name; tokens grow with each allocation."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.publisher = Publisher(client.jetstream())
        self.jobs: dict[str, Job] = {}
        self.heard: list[str] = []
        self.envelopes: list[Envelope] = []
        self._token = 100
        self.answers: dict[str, Answer] = {
            "AssessConfiguration": lambda command: [assessed(_Ordered(command), 2, 1)],
            "AllocateJobOrder": lambda command: [self.allocate(command).allocated()],
            "ProgramJobOrder": lambda command: [self.job(command).verified()],
            "DispatchJobOrder": lambda command: self.job(command).until_completed()[2:],
            "InspectParts": lambda command: [self.job(command).passed()],
            "CancelJobOrder": lambda _: [],
        }

    def allocate(self, command: Any) -> Job:
        """Give a job order to a machine, under a new token."""
        self._token += 1
        job = Job(command, self._token)
        self.jobs[command.job_order_id] = job
        return job

    def move(self, job_order_id: str) -> Job:
        """Give a job order to the other hub, under a new token."""
        self._token += 1
        old = self.jobs[job_order_id]
        self.jobs[job_order_id] = new = old.moved("h2", self._token)
        return new

    def job(self, command: Any) -> Job:
        """The job that a command is about."""
        return self.jobs[command.job_order_id]

    async def say(self, *messages: Message, causation_id: str = "") -> None:
        """Publish events as their owners do."""
        for message in messages:
            order_id = str(getattr(message, "order_id", ""))
            envelope = seal(
                message,
                source=context_of(message),
                subject=order_id or "design",
                correlation_id=order_id,
                causation_id=causation_id,
            )
            await self.publisher.publish(subject_of(message), envelope)

    async def run(self) -> None:
        """Answer every command as it comes. A server that is away is waited for; a command whose answer did not get
        through is not acknowledged, so it comes again.
        """
        js = self._client.jetstream()
        while True:
            try:
                config = ConsumerConfig(
                    durable_name="city", ack_policy=AckPolicy.EXPLICIT, filter_subject="cmd.>", ack_wait=5
                )
                await js.add_consumer(COMMANDS, config)
                pull = await js.pull_subscribe_bind(durable="city", stream=COMMANDS)
                while True:
                    for message in await pull.fetch(1, timeout=2):
                        await self._answer(message)
            except (NatsError, NotPublished, OSError, TimeoutError):
                await asyncio.sleep(0.05)

    async def _answer(self, message: Any) -> None:
        envelope = unseal(message.headers, message.data)
        descriptor = descriptor_pool.Default().FindMessageTypeByName(envelope.type)
        command = message_factory.GetMessageClass(descriptor).FromString(envelope.data)
        name = command.DESCRIPTOR.name
        await self.say(*self.answers[name](command), causation_id=envelope.id)
        self.heard.append(name)
        self.envelopes.append(envelope)
        await message.ack()


class _Ordered:
    """The fields of an order that an assessment repeats."""

    def __init__(self, command: Any) -> None:
        self.id = command.order_id
        self.version_id = command.version_id
        self.parameters_json = command.parameters_json
        self.material_id = command.material_id
