"""The demonstration from the first order to the last part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.live import Live

from launcher.demo.city_client import CityClient
from launcher.demo.journey import READY, Journey
from launcher.demo.loss import worth_killing
from launcher.demo.people import WISHES
from launcher.demo.report import write_report
from launcher.demo.table import draw
from launcher.errors import LauncherError

PATIENCE_S = 420.0
_EVERY_S = 0.4

KillHub = Callable[[str], object]
"""Kills the agent and machines of the hub with this slug, for good."""


class Demo:
    """Places the orders, watches them, loses a hub, and says how it ended."""

    def __init__(self, endpoints: Path, kill_hub: KillHub, console: Console) -> None:
        self._endpoints = endpoints
        self._kill_hub = kill_hub
        self._console = console
        self._journeys = [Journey(wish) for wish in WISHES]
        self._news: list[str] = []
        self._seen: set[tuple[str, str]] = set()
        self._lost_hub: str | None = None
        self._begun = time.monotonic()

    async def run(self, report: Path) -> None:
        """Run it and write `report`. Raises LauncherError with what fell short."""
        async with CityClient(self._endpoints) as city:
            hubs = {hub["id"]: hub for hub in await city.hubs()}
            await self._place_all(city)
            try:
                await self._watch(city, hubs)
            finally:
                await write_report(report, city, self._journeys, self._lost_hub)
        self._judge()

    async def _place_all(self, city: CityClient) -> None:
        for number, journey in enumerate(self._journeys):
            journey.title = (await city.design(journey.wish.design))["title"]
            placed = await city.place(journey.wish, key=f"demo-{number}-{journey.wish.design}")
            journey.order_id = placed["id"]
            journey.see(placed)

    async def _watch(self, city: CityClient, hubs: dict[str, dict[str, object]]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        with Live(console=self._console, refresh_per_second=4, transient=False) as live:
            told = 0
            while not all(journey.done for journey in self._journeys):
                if time.monotonic() > deadline:
                    raise LauncherError(f"not all orders are ready after {PATIENCE_S:.0f} s")
                await asyncio.gather(*(self._look(city, journey) for journey in self._journeys))
                if self._lost_hub is None and (found := worth_killing(self._journeys)) is not None:
                    self._lose(*found, hubs)
                live.update(draw(self._journeys, self._news))
                if not self._console.is_terminal:
                    self._console.print(*self._news[told:], sep="\n", end="\n" * (told < len(self._news)))
                    told = len(self._news)
                await asyncio.sleep(_EVERY_S)
            live.update(draw(self._journeys, self._news))

    async def _look(self, city: CityClient, journey: Journey) -> None:
        if journey.done:
            return
        journey.see(await city.order(journey.order_id))
        job_order = journey.job_order.get("id")
        if job_order and journey.status in {"dispatched", "making"}:
            journey.job = await city.job_order(str(job_order))
        if journey.status in {"inspecting", READY}:
            journey.inspections = await city.inspections(journey.order_id)
        self._tell(journey)

    def _tell(self, journey: Journey) -> None:
        for entry in journey.order.get("timeline", []):
            key = (journey.order_id, entry["at"] + entry["status"])
            if key in self._seen:
                continue
            self._seen.add(key)
            why = f": {entry['why']}" if entry.get("why") else ""
            self._say(f"{journey.wish.person}'s {journey.title.lower()} is {entry['status'].replace('_', ' ')}{why}")

    def _lose(self, journey: Journey, hub_id: str, hubs: dict[str, dict[str, object]]) -> None:
        hub = hubs[hub_id]
        self._lost_hub = str(hub["name"])
        self._say(f"{hub['name']} goes dark in the middle of {journey.wish.person}'s {journey.title.lower()} (kill -9)")
        self._kill_hub(str(hub["slug"]))

    def _say(self, line: str) -> None:
        self._news.append(f"{time.monotonic() - self._begun:5.1f} s  {line}")

    def _judge(self) -> None:
        short = [journey for journey in self._journeys if journey.status != READY]
        if short:
            named = ", ".join(f"{each.wish.person}'s {each.wish.design} is {each.status}" for each in short)
            raise LauncherError(f"not every order is ready for pickup: {named}")
        if self._lost_hub is None:
            raise LauncherError("no hub was lost: no machine was seen in the middle of a job")
        if not any(len(journey.hubs) > 1 for journey in self._journeys):
            raise LauncherError(f"{self._lost_hub} was lost, but no order moved to another hub")
