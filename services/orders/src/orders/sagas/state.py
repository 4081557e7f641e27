"""What the fulfilment of one order remembers between messages."""

from __future__ import annotations

from dataclasses import dataclass, field

ASSESS = "assess"
ALLOCATE = "allocate"
WAIT = "wait"
PROGRAM = "program"
DISPATCH = "dispatch"
MAKE = "make"
INSPECT = "inspect"
MEASURE = "measure"


@dataclass
class Fulfilment:
    """Plain JSON values. What belongs to a job order concerns the active one; there is one at a time.

    `token` is the highest fencing token heard, `allocated_at` routing's clock when it gave it,
    `waits_for` why no machine takes it. `batch` limits the
    parts of a job order once a larger one was refused (0: as many as fit). `refusals` counts programs that could not be
    made, `remakes` inspections that parts failed.
    """

    order_id: str
    version_id: str
    material_id: str
    parameters_json: str
    job_order_id: str = ""
    part_ids: list[str] = field(default_factory=list)
    token: int = 0
    allocated_at: str = ""
    waits_for: str = ""
    batch: int = 0
    refusals: int = 0
    remakes: int = 0
    excluded_profiles: list[str] = field(default_factory=list)

    def begin(self, job_order_id: str, part_ids: list[str]) -> None:
        """Turn to a new job order."""
        self.job_order_id = job_order_id
        self.part_ids = part_ids
        self.token = 0
        self.allocated_at = ""
        self.waits_for = ""

    def holds(self, job_order_id: str, token: int) -> bool:
        """Whether a message is about the active job order and its newest allocation."""
        return job_order_id == self.job_order_id and token == self.token != 0
