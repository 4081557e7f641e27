"""The cache of assessments: what was found is kept under everything it was found from, refusals included."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from fabrication.domain.estimates import Estimate, Refused
from fabrication.domain.findings import Finding
from fabrication.domain.records import from_record, to_record
from fabrication.store.tables import assessments


async def find(key: str, session: AsyncSession) -> Estimate | Refused | None:
    """What is known under that key."""
    row = (await session.execute(select(assessments).where(assessments.c.key == key))).first()
    if row is None:
        return None
    if row.refusal is not None:
        return Refused(tuple(from_record(Finding, each, "refusal") for each in row.refusal))
    return from_record(Estimate, row.estimate, "estimate")


async def keep(
    key: str, row_id: str, version_id: str, found: Estimate | Refused, session: AsyncSession
) -> Estimate | Refused:
    """Keep what was found unless another worker was faster; answers what stands there now."""
    row = upsert(assessments).values(
        id=row_id,
        key=key,
        version_id=version_id,
        estimate=to_record(found) if isinstance(found, Estimate) else None,
        refusal=to_record(found.findings) if isinstance(found, Refused) else None,
    )
    kept = await session.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(assessments.c.id))
    if kept.first() is not None:
        return found
    return await find(key, session) or found
