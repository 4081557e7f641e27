"""What to check where a command does not say: the version's own characteristics, for the parameters that were made."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from messaging.errors import RetryLater
from quality.domain.plans import Characteristic, evaluate_rules, read_parameters
from quality.store.copies import version_of_id

_AGAIN_S = 2.0


async def plan_characteristics(
    version_id: str, parameters_json: str, session: AsyncSession
) -> tuple[Characteristic, ...]:
    """Evaluate the version's rules. Raises RetryLater while the version is not known here, and BadInspection."""
    version = await version_of_id(session, version_id)
    if version is None:
        raise RetryLater(f"design version {version_id} is not known yet", _AGAIN_S)
    return evaluate_rules(version.rules, read_parameters(parameters_json))
