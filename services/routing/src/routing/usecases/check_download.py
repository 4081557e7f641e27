"""May the holder of a download key read a program? Fabrication asks before it hands one out."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.job_order import State
from routing.store import job_orders
from routing.store.clock import now


async def check_download(key_sha256: bytes, program_id: str, session: AsyncSession) -> str:
    """The hub that may read the program now: it claimed the job order with this key, its lease runs, and the machine
    has not started. Empty where nobody may.
    """
    job = await job_orders.by_download_key(session, key_sha256)
    if job is None or job.state is not State.RUNNING or job.lease is None or job.program is None:
        return ""
    over = job.lease.started_at is not None or await now(session) >= job.lease.expires_at
    return "" if over or job.program.id != program_id else job.lease.holder.hub_id
