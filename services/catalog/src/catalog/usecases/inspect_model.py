"""Ask fabrication what a script declares and whether it builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from catalog.domain.designs import Inspection
from catalog.domain.errors import InspectionUnavailable
from catalog.messages import InspectModel, ModelInspected, inspection_of
from messaging.errors import NobodyAnswered, RequestFailed

A = TypeVar("A", bound=Message)
TIMEOUT_S = 20.0


class Asker(Protocol):
    """Whatever can ask another service: the process's runtime."""

    async def ask(self, question: Message, answer: type[A], *, timeout_s: float) -> A:
        """Ask the owner of `question`. Raises messaging's RequestFailed."""


class ModelInspector:
    """The owner of the CAD workers, as catalog sees it."""

    def __init__(self, mesh: Asker, timeout_s: float = TIMEOUT_S) -> None:
        self._mesh = mesh
        self._timeout_s = timeout_s

    async def __call__(self, model: str, requires: Sequence[str]) -> Inspection:
        """Let `model` be built with its defaults. Raises InspectionUnavailable when that could not be done now."""
        question = InspectModel(model_source=model, requires=requires)
        try:
            return inspection_of(await self._mesh.ask(question, ModelInspected, timeout_s=self._timeout_s))
        except NobodyAnswered as error:
            detail = "Nobody could inspect the model now; nothing was stored. Try again."
            raise InspectionUnavailable("fabrication-away", detail) from error
        except (RequestFailed, ValueError) as error:
            detail = "Fabrication failed on inspecting the model; nothing was stored. Try again."
            raise InspectionUnavailable("inspection-failed", detail) from error
