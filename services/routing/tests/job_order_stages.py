"""One job order in each of its stages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from routing.domain.job_order import Estimate, Holder, JobOrder, Program
from routing.domain.requirements import Reason, Requirements, Size

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SOON = NOW + timedelta(seconds=120)
HOLDER = Holder("h", "m", 7)
PROGRAM = Program("p", "5" * 64, 10, 25)
WAITING = JobOrder("j", "o", "shop", Requirements(("p1",), "v", "pla", Size(1, 1, 1)))
PENDING = WAITING.allocated(HOLDER, Estimate(10, 20, 0, 1.5, SOON), SOON)
DISPATCHED = PENDING.programmed(7, PROGRAM).offered()
RUNNING = DISPATCHED.claimed(HOLDER, NOW, 15, b"key")
LAPSED = RUNNING.taken_back(NOW + timedelta(seconds=15))
COMPLETED = RUNNING.started(HOLDER, NOW).completed(HOLDER)
GIVEN_UP = RUNNING.given_up(HOLDER, Reason("jam", "blocked"))
