"""`.fabmesh/demo.json`: what the demonstration did, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.demo.city_client import CityClient
from launcher.demo.journey import Journey
from launcher.files import write_json


async def write_report(path: Path, city: CityClient, journeys: Sequence[Journey], lost_hub: str | None) -> None:
    """Write per order: id, status, hubs in turn, seconds by stage, program size, verification figures."""
    orders = [await _order(city, journey) for journey in journeys]
    write_json(path, {"lost_hub": lost_hub, "orders": orders})


async def _order(city: CityClient, journey: Journey) -> dict[str, Any]:
    programs = []
    for job in journey.order.get("job_orders", []):
        if program_id := job.get("program"):
            program = await city.program(program_id)
            verification = await city.verification(program_id)
            programs.append(
                {"id": program_id, "bytes": program.get("bytes"), "verification": verification.get("figures", {})}
            )
    return {
        "id": journey.order_id,
        "design": journey.wish.design,
        "for": f"{journey.wish.person}, {journey.wish.place}",
        "status": journey.status,
        "hubs": journey.hubs,
        "seconds": round(journey.seconds(), 3),
        "seconds_by_stage": journey.seconds_by_stage(),
        "fencing_tokens": [job.get("fencing_token") for job in journey.order.get("job_orders", [])],
        "programs": programs,
    }
