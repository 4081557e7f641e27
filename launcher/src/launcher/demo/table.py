"""The live table of the demonstration."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from launcher.demo.journey import ENDED_BADLY, READY, Journey

_STYLE = {READY: "bold green", "making": "cyan", "inspecting": "magenta", "waiting": "yellow", "not placed": "dim"}


def draw(journeys: Sequence[Journey], news: Sequence[str]) -> RenderableType:
    """The table of all orders, with what happened last below it."""
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold", row_styles=["", ""])
    table.add_column("For", no_wrap=True)
    table.add_column("Part", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Hub", ratio=2)
    table.add_column("Machine", width=12)
    table.add_column("s", justify="right", width=4)
    table.add_column("Measured", ratio=2)
    for journey in journeys:
        table.add_row(*_row(journey))
    return Group(table, Text(), *(Text(f"  {line}", style="dim") for line in news[-6:]))


def _row(journey: Journey) -> list[RenderableType]:
    status = journey.status
    style = "bold red" if status in ENDED_BADLY else _STYLE.get(status, "")
    count = f"{journey.wish.quantity} × " if journey.wish.quantity > 1 else ""
    return [
        f"{journey.wish.person}, {journey.wish.place}",
        f"{count}{journey.title or journey.wish.design}",
        Text(status.replace("_", " "), style=style),
        " → ".join(journey.hubs),
        _machine(journey),
        f"{journey.seconds():.0f}" if journey.order else "",
        journey.measured(),
    ]


def _machine(journey: Journey) -> RenderableType:
    fraction = float(journey.job.get("fraction") or 0.0)
    if journey.status == "making":
        return ProgressBar(total=1.0, completed=fraction, width=12)
    return Text("●" if journey.status == READY else "", style="green")
