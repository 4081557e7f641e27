"""Commands that the fulfilment of an order sends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from fabmesh.fabrication.v1.commands_pb2 import AssessConfiguration, ProgramJobOrder
from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, Placement
from fabmesh.quality.v1.commands_pb2 import InspectParts
from fabmesh.routing.v1.commands_pb2 import AllocateJobOrder, CancelJobOrder, DispatchJobOrder
from fabmesh.types.v1 import types_pb2 as types
from orders.domain.characteristics import Characteristic
from orders.domain.making import JobOrder
from orders.domain.order import Order


def assess(order_id: str, version_id: str, parameters_json: str, material_id: str) -> AssessConfiguration:
    """To fabrication: what is this, and which machine profiles can make it?"""
    return AssessConfiguration(
        order_id=order_id, version_id=version_id, parameters_json=parameters_json, material_id=material_id
    )


def allocate(
    order: Order, job_order_id: str, part_ids: Sequence[str], assessed: bytes, excluded: Collection[str]
) -> AllocateJobOrder:
    """To routing: choose a hub and machine. The profiles in `excluded` turned out not to work."""
    found = ConfigurationAssessed.FromString(assessed)
    found.order_id = order.id
    for profile in found.profiles:
        if profile.profile_id in excluded:
            profile.makeable = False
    return AllocateJobOrder(
        job_order_id=job_order_id,
        order_id=order.id,
        organisation_id=order.organisation_id,
        part_ids=part_ids,
        version_id=order.version_id,
        material_id=order.material_id,
        destination=types.GeoPoint(lat_deg=order.destination.lat_deg, lon_deg=order.destination.lon_deg),
        assessment=found,
        pickup_hub_id=order.pickup_hub_id or "",
    )


def program(job_order: JobOrder, version_id: str, parameters_json: str, material_id: str) -> ProgramJobOrder:
    """To fabrication: make and verify the program for the machine that holds the job order."""
    return ProgramJobOrder(
        job_order_id=job_order.id,
        order_id=job_order.order_id,
        version_id=version_id,
        parameters_json=parameters_json,
        material_id=material_id,
        quantity=len(job_order.part_ids),
        hub_id=job_order.hub_id or "",
        machine_id=job_order.machine_id or "",
        profile_id=job_order.profile_id or "",
        fencing_token=job_order.fencing_token or 0,
    )


def dispatch(job_order: JobOrder, wanted: Iterable[Characteristic]) -> DispatchJobOrder:
    """To routing: release the verified program to the machine."""
    made = job_order.program
    assert made is not None
    return DispatchJobOrder(
        job_order_id=job_order.id,
        order_id=job_order.order_id,
        fencing_token=job_order.fencing_token or 0,
        program_id=made.id,
        program_sha256=made.sha256,
        program_bytes=made.size_bytes,
        minutes=made.minutes,
        placements=[Placement(matrix=matrix) for matrix in made.placements],
        characteristics=[_characteristic(each) for each in wanted],
    )


def cancel(order_id: str, job_order_id: str, why: str) -> CancelJobOrder:
    """To routing: no machine shall start it any more."""
    return CancelJobOrder(job_order_id=job_order_id, order_id=order_id, why=why)


def inspect(
    job_order: JobOrder, version_id: str, parameters_json: str, wanted: Iterable[Characteristic]
) -> InspectParts:
    """To quality: judge the parts that were made."""
    return InspectParts(
        job_order_id=job_order.id,
        order_id=job_order.order_id,
        version_id=version_id,
        parameters_json=parameters_json,
        part_ids=job_order.made_part_ids,
        hub_id=job_order.hub_id or "",
        machine_id=job_order.machine_id or "",
        program_sha256=job_order.made_program_sha256,
        characteristics=[_characteristic(each) for each in wanted],
        measurements=[
            types.Measurement(
                part_id=each.part_id,
                characteristic=each.characteristic,
                value=each.value,
                unit=each.unit,
                instrument=each.instrument,
            )
            for each in job_order.measurements
        ],
    )


def _characteristic(wanted: Characteristic) -> types.Characteristic:
    at = wanted.at_mm
    classed: dict[str, Any] = {"class": wanted.classed}  # a reserved word of Python
    return types.Characteristic(
        name=wanted.name,
        nominal=wanted.nominal,
        upper=wanted.upper,
        lower=wanted.lower,
        unit=wanted.unit,
        instrument=wanted.instrument,
        feature=wanted.feature,
        at=None if at is None else types.Size(x_mm=at[0], y_mm=at[1], z_mm=at[2]),
        **classed,
    )
