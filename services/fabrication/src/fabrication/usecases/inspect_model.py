"""Find out what a script declares and whether it builds, before it becomes a design."""

from __future__ import annotations

from collections.abc import Sequence

from fabrication.domain.digests import sha256_of
from fabrication.domain.errors import CadRefused
from fabrication.domain.facts import ModelFacts
from fabrication.usecases.findings import of_refusal
from fabrication.usecases.workshop import Workshop


async def inspect_model(source: str, requires: Sequence[str], workshop: Workshop) -> ModelFacts:
    """What the script declares and builds at its defaults; findings say why it is refused. Raises CadAway."""
    script = source.encode()
    try:
        paths = workshop.extra_paths(requires)
        return await workshop.work("inspect", lambda cad: cad.inspect_model(script, paths))
    except CadRefused as refused:
        return ModelFacts(sha256_of(script), (), None, of_refusal(refused))
