"""What routing hears inside the mesh: protobuf → domain."""

from __future__ import annotations

from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, MachineProfileReleased, ProfileAssessment
from fabmesh.routing.v1.commands_pb2 import AllocateJobOrder, CancelJobOrder, DispatchJobOrder
from fabmesh.routing.v1.requests_pb2 import CheckDownload, DownloadChecked
from fabmesh.types.v1 import types_pb2 as types
from messaging.errors import Reject
from routing.domain.geography import Place
from routing.domain.job_order import JobOrder, Program
from routing.domain.making import Characteristic, Making
from routing.domain.requirements import ProfileNeed, Reason, Requirements, Size

__all__ = [
    "AllocateJobOrder",
    "CancelJobOrder",
    "CheckDownload",
    "DispatchJobOrder",
    "DownloadChecked",
    "MachineProfileReleased",
    "download_checked",
    "job_order_of",
    "making_of",
    "program_of",
    "volume_of",
]


def job_order_of(message: AllocateJobOrder) -> JobOrder:
    """The job order that a command asks for. Raises Reject where it names none, or no parts."""
    if not message.job_order_id or not message.order_id or not message.part_ids:
        raise Reject("a job order needs its id, its order's id and parts")
    if len(set(message.part_ids)) != len(message.part_ids):
        raise Reject("a part is named twice")
    return JobOrder(
        id=message.job_order_id,
        order_id=message.order_id,
        organisation_id=message.organisation_id,
        requirements=Requirements(
            part_ids=tuple(message.part_ids),
            version_id=message.version_id,
            material_id=message.material_id,
            extent=_size(message.assessment.extent),
            profiles=_profiles(message.assessment),
            destination=_place(message.destination) if message.HasField("destination") else None,
            pickup_hub_id=message.pickup_hub_id,
        ),
    )


def program_of(message: DispatchJobOrder) -> Program:
    """The program that a command releases. Raises Reject where it has no id or digest."""
    if not message.program_id or not message.program_sha256:
        raise Reject("a release needs the program's id and digest")
    return Program(message.program_id, message.program_sha256, message.program_bytes, message.minutes)


def making_of(message: DispatchJobOrder) -> Making:
    """Placements and characteristics of a release. Raises Reject where a placement is no 4 × 4 matrix."""
    placements = tuple(tuple(each.matrix) for each in message.placements)
    if any(len(matrix) != 16 for matrix in placements):
        raise Reject("a placement is a 4 × 4 matrix, row by row")
    return Making(placements, tuple(_characteristic(each) for each in message.characteristics))


def volume_of(message: MachineProfileReleased) -> Size:
    """The work volume of a released profile."""
    return _size(message.volume)


def _profiles(assessment: ConfigurationAssessed) -> dict[str, ProfileNeed]:
    return {each.profile_id: _need(each) for each in assessment.profiles}


def _need(each: ProfileAssessment) -> ProfileNeed:
    return ProfileNeed(
        makeable=each.makeable,
        findings=tuple(Reason(finding.code, finding.detail) for finding in each.findings),
        setup_minutes=each.setup_minutes,
        minutes_per_part=each.minutes_per_part,
        grams_per_part=each.grams_per_part,
        plate_capacity=each.plate_capacity,
    )


def _size(size: types.Size) -> Size:
    return Size(size.x_mm, size.y_mm, size.z_mm)


def _place(point: types.GeoPoint) -> Place:
    return Place(point.lat_deg, point.lon_deg)


def _characteristic(each: types.Characteristic) -> Characteristic:
    return Characteristic(
        name=each.name,
        nominal=each.nominal,
        upper=each.upper,
        lower=each.lower,
        unit=each.unit,
        instrument=each.instrument,
        grade=getattr(each, "class"),
        feature=each.feature,
        at_mm=(each.at.x_mm, each.at.y_mm, each.at.z_mm) if each.HasField("at") else None,
    )


def download_checked(hub_id: str) -> DownloadChecked:
    """Whether the download is allowed, and to which hub; empty: not allowed."""
    return DownloadChecked(allowed=bool(hub_id), hub_id=hub_id)
