"""What fabrication, routing and quality say in the course of an order."""

from __future__ import annotations

from typing import Any

from fabmesh.fabrication.v1 import events_pb2 as fabrication
from fabmesh.quality.v1 import events_pb2 as quality
from fabmesh.routing.v1 import events_pb2 as routing

MATRIX = [1.0, 0, 0, 90, 0, 1, 0, 90, 0, 0, 1, 0, 0, 0, 0, 1]


def assessed(order, *capacities: int) -> fabrication.ConfigurationAssessed:
    """An assessment by profiles p1, p2, … of these plate capacities (0: it cannot be made there)."""
    return fabrication.ConfigurationAssessed(
        assessment_id="a-" + "-".join(map(str, capacities)),
        order_id=order.id,
        version_id=order.version_id,
        parameters_json=order.parameters_json,
        material_id=order.material_id,
        extent={"x_mm": 44, "y_mm": 44, "z_mm": 120},
        mass_g=18.25,
        profiles=[
            {
                "profile_id": f"p{number}",
                "makeable": capacity > 0,
                "plate_capacity": capacity,
                "findings": []
                if capacity
                else [
                    {"code": "too-large", "severity": "error", "detail": "120 mm is too high", "mend": "make it lower"},
                    {"code": "thin-wall", "severity": "warning", "detail": "thin"},
                ],
            }
            for number, capacity in enumerate(capacities, start=1)
        ],
    )


class Job:
    """The words of routing, fabrication and quality about one job order."""

    def __init__(self, command: Any, token: int = 7, hub: str = "h1", profile: str = "p1") -> None:
        self.base = {"job_order_id": command.job_order_id, "order_id": command.order_id}
        self.parts = list(command.part_ids)
        self.place_at(hub, token, profile)

    def moved(self, hub: str, token: int) -> Job:
        """The same job order at another hub."""
        other = object.__new__(Job)
        other.base, other.parts = self.base, self.parts
        other.place_at(hub, token, self.profile)
        return other

    def place_at(self, hub: str, token: int, profile: str) -> None:
        self.place = {"hub_id": hub, "machine_id": f"{hub}-m1"}
        self.hub_name = {"h1": "Altona Werkstatt", "h2": "Barmbek Hub"}[hub]
        self.token, self.profile = token, profile

    def allocated(self):
        return routing.JobOrderAllocated(
            **self.base, **self.place, hub_name=self.hub_name, profile_id=self.profile, fencing_token=self.token,
            distance_km=2.34,
        )  # fmt: skip

    def waiting(self, why="all machines are busy"):
        return routing.JobOrderWaiting(**self.base, reasons=[{"code": "busy", "detail": why}])

    def refused(self, why="no hub has such a machine"):
        return routing.AllocationRefused(**self.base, reasons=[{"code": "no-machine", "detail": why}])

    def verified(self):
        return fabrication.NcProgramVerified(
            **self.base, **self.place, fencing_token=self.token, program_id=f"prog-{self.token}",
            program_sha256="ab" * 32, program_bytes=1234, minutes=42.4, grams=18.0,
            placements=[{"matrix": MATRIX} for _ in self.parts],
        )  # fmt: skip

    def program_refused(self):
        finding = {"code": "bridge", "severity": "error", "detail": "a bridge is too long"}
        return fabrication.FabricationRefused(**self.base, fencing_token=self.token, findings=[finding])

    def at_hub(self, kind, **more):
        return kind(**self.base, **self.place, fencing_token=self.token, **more)

    def dispatched(self):
        return self.at_hub(routing.JobOrderDispatched)

    def claimed(self):
        return self.at_hub(routing.JobOrderClaimed)

    def started(self):
        return self.at_hub(routing.JobOrderStarted, part_ids=self.parts)

    def completed(self, parts=None):
        return self.at_hub(
            routing.JobOrderCompleted,
            part_ids=self.parts if parts is None else parts,
            program_sha256="ab" * 32,
            measurements=[
                {"part_id": part, "characteristic": "Diameter", "value": 44.1, "unit": "mm", "instrument": "caliper"}
                for part in self.parts
            ],
        )

    def aborted(self):
        return self.at_hub(routing.JobOrderAborted, reason={"code": "jam", "detail": "the filament jammed"})

    def expired(self):
        return self.at_hub(routing.LeaseExpired)

    def passed(self):
        return quality.InspectionPassed(inspection_id="i", **self.base, part_ids=self.parts)

    def failed(self, *accepted):
        rest = [part for part in self.parts if part not in accepted]
        return quality.InspectionFailed(
            inspection_id="i", **self.base, accepted_part_ids=accepted, failed_part_ids=rest,
            reasons=[{"code": "out-of-bounds", "detail": "Diameter is 45.0 mm"}],
        )  # fmt: skip

    def until_completed(self):
        return [self.allocated(), self.verified(), self.dispatched(), self.claimed(), self.started(), self.completed()]
