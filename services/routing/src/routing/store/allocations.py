"""The record of decisions: what was chosen, what came next, and why the others could not."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.domain.allocation import Candidate, Decision, Rejected
from routing.domain.rejections import Rejection
from routing.store.documents import reasons_document
from routing.store.tables import allocations


async def add(session: AsyncSession, records: list[tuple[str, int | None, Decision]]) -> None:
    """Keep decisions: job order, token where one was issued, and the decision."""
    rows = [
        {
            "job_order_id": job_order_id,
            "token": token,
            "outcome": decision.outcome.value,
            "decided_at": decision.at,
            "record": record_of(decision),
        }
        for job_order_id, token, decision in records
    ]
    if rows:
        await session.execute(insert(allocations), rows)


def record_of(decision: Decision) -> dict[str, Any]:
    """A decision as a document. Costs are whole micro-units."""
    return {
        "chosen": _candidate(decision.chosen) if decision.chosen else None,
        "runners_up": [_candidate(each) for each in decision.runners_up],
        "rejected": [_rejected(each) for each in decision.rejected],
        "rejected_by_code": decision.rejected_by_code,
        "reasons": reasons_document(decision.reasons),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        **_machine(candidate),
        "why": candidate.why,
        "minutes": round(candidate.minutes, 3),
        "grams": round(candidate.grams, 3),
        "distance_km": round(candidate.distance_km, 3),
        "ahead": candidate.ahead,
        "queue_minutes": round(candidate.queue_minutes, 3),
        "promised_at": _instant(candidate.promised_at),
        "cost_micro": candidate.cost.parts(),
    }


def _rejected(rejected: Rejected) -> dict[str, Any]:
    return {**_machine(rejected), "reasons": [_rejection(each) for each in rejected.rejections]}


def _machine(of: Candidate | Rejected) -> dict[str, Any]:
    hub, machine = of.machine.hub, of.machine
    return {
        "hub_id": hub.id,
        "hub_name": hub.name,
        "machine_id": machine.id,
        "machine_name": machine.name,
        "profile_id": machine.profile_id,
    }


def _rejection(rejection: Rejection) -> dict[str, Any]:
    numbers = {
        name: _instant(value) if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(rejection).items()
    }
    return {"code": rejection.code, "detail": rejection.detail(), "passing": rejection.passing, **numbers}


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
