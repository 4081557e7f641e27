"""The configuration of a virtual machine (`machine.toml`) and the models of machines it can be."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path

from hub.config import parse_address
from hub.errors import ConfigInvalid
from hub.toml_table import Table

DENSITIES_G_PER_CM3 = {
    "pla": 1.24,  # Prusament PLA, technical data sheet
    "petg": 1.27,  # Prusament PETG, technical data sheet
    "asa": 1.07,  # Prusament ASA, technical data sheet
    "abs": 1.04,  # Hatchbox ABS, product page
    "tpu95": 1.21,  # NinjaTek Cheetah, technical data sheet
    "pa12": 1.01,  # Evonik Vestamid L, technical data sheet
}
DEFAULT_DENSITY_G_PER_CM3 = 1.24


@dataclass(frozen=True)
class Model:
    """What one model of FDM machine is built to do: reach and volume in mm, limits in mm/s and mm/s², heaters in °C."""

    id: str
    dialect: str
    volume_mm: tuple[float, float, float]
    max_feed_mm_per_s: tuple[float, float, float]
    max_extruder_mm_per_s: float
    acceleration_mm_per_s2: float
    square_corner_mm_per_s: float
    nozzle_mm: float
    melt_limit_mm3_per_s: float
    max_nozzle_c: float
    max_bed_c: float
    homing_s: float
    levelling_s: float
    reach_min_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    filament_mm: float = 1.75


@dataclass(frozen=True)
class Truth:
    """How this one machine differs from its drawing; nobody but its measured parts can tell.

    `scale`: what a commanded mm really is, per axis. `flow`: what leaves the nozzle of a commanded mm³.
    `sigma_mm`: scatter of a dimension from part to part. `drift_mm_per_part`: growth of a dimension with each part
    since the last service (a nozzle wears). `gauge_sigma_mm`, `gauge_sigma_g`: scatter of one reading.
    """

    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flow: float = 1.0
    sigma_mm: float = 0.02
    drift_mm_per_part: float = 0.0
    gauge_sigma_mm: float = 0.01
    gauge_sigma_g: float = 0.01


@dataclass(frozen=True)
class VirtualMachineConfig:
    """One virtual machine. `speed_up`: seconds of its own time in one real second. `clear_s`: real seconds until a
    technician clears the bed; negative: nobody does, `clear` must be asked for. Port 0: any free one, written to
    `address` in the data folder.
    """

    id: str
    model: Model
    data_dir: Path
    host: str
    port: int
    speed_up: float = 120.0
    clear_s: float = 0.5
    seed: int = 1
    unknown_words_limit: int = 20
    truth: Truth = Truth()
    densities_g_per_cm3: dict[str, float] = field(default_factory=lambda: dict(DENSITIES_G_PER_CM3))


def models() -> dict[str, Model]:
    """All built-in models by their id."""
    text = resources.files("hub.simulator").joinpath("models.toml").read_text(encoding="utf-8")
    return {name: _model(name, Table(row, f"models.toml [{name}]")) for name, row in tomllib.loads(text).items()}


def load_machine_config(path: Path) -> VirtualMachineConfig:
    """Read `path`. Raises ConfigInvalid."""
    table = Table.read(path)
    host, port = parse_address(table.take("listen", str, "127.0.0.1:0"), str(path))
    config = VirtualMachineConfig(
        id=table.take("id", str),
        model=_chosen_model(table),
        data_dir=(path.parent / table.take("data_dir", str)).resolve(),
        host=host,
        port=port,
        speed_up=table.number("speed_up", VirtualMachineConfig.speed_up, low=0.1, high=100_000),
        clear_s=table.number("clear_s", VirtualMachineConfig.clear_s, low=-1, high=86_400),
        seed=table.take("seed", int, 1),
        unknown_words_limit=table.take("unknown_words_limit", int, VirtualMachineConfig.unknown_words_limit),
        truth=_truth(table.sub("truth")),
        densities_g_per_cm3=DENSITIES_G_PER_CM3 | _densities(table.sub("densities")),
    )
    table.done()
    return config


def _chosen_model(table: Table) -> Model:
    name = table.take("model", str)
    known = models()
    if name not in known:
        raise ConfigInvalid(f"{table.place}: model {name!r}; known: {', '.join(sorted(known))}")
    limits = table.sub("limits")
    inherited = {key: value for key, value in asdict(known[name]).items() if key != "id"}
    return _model(name, Table(inherited | limits.rest(), limits.place))


def _model(name: str, row: Table) -> Model:
    row.take("source", str, "")
    model = Model(
        id=name,
        dialect=row.take("dialect", str),
        volume_mm=row.triple("volume_mm"),
        max_feed_mm_per_s=row.triple("max_feed_mm_per_s"),
        max_extruder_mm_per_s=row.number("max_extruder_mm_per_s", low=1, high=1000),
        acceleration_mm_per_s2=row.number("acceleration_mm_per_s2", low=10, high=100_000),
        square_corner_mm_per_s=row.number("square_corner_mm_per_s", low=0.1, high=100),
        nozzle_mm=row.number("nozzle_mm", low=0.1, high=5),
        melt_limit_mm3_per_s=row.number("melt_limit_mm3_per_s", low=0.1, high=1000),
        max_nozzle_c=row.number("max_nozzle_c", low=100, high=600),
        max_bed_c=row.number("max_bed_c", low=30, high=300),
        homing_s=row.number("homing_s", low=0, high=600),
        levelling_s=row.number("levelling_s", low=0, high=1800),
        reach_min_mm=row.triple("reach_min_mm", Model.reach_min_mm),
        filament_mm=row.number("filament_mm", Model.filament_mm, low=1, high=4),
    )
    row.done()
    if model.dialect not in ("marlin", "klipper"):
        raise ConfigInvalid(f"{row.place}: dialect {model.dialect!r}; marlin or klipper")
    if min(model.volume_mm) <= 0 or min(model.max_feed_mm_per_s) <= 0:
        raise ConfigInvalid(f"{row.place}: volume and feeds are greater than nothing")
    return model


def _truth(table: Table) -> Truth:
    truth = Truth(
        scale=table.triple("scale", Truth.scale),
        flow=table.number("flow", Truth.flow, low=0, high=2),
        sigma_mm=table.number("sigma_mm", Truth.sigma_mm, low=0, high=5),
        drift_mm_per_part=table.number("drift_mm_per_part", Truth.drift_mm_per_part, low=-1, high=1),
        gauge_sigma_mm=table.number("gauge_sigma_mm", Truth.gauge_sigma_mm, low=0, high=1),
        gauge_sigma_g=table.number("gauge_sigma_g", Truth.gauge_sigma_g, low=0, high=10),
    )
    table.done()
    if not all(0.5 < each < 2 for each in truth.scale):
        raise ConfigInvalid(f"{table.place}: scale {truth.scale}: a machine that far off is no machine")
    return truth


def _densities(table: Table) -> dict[str, float]:
    rows = table.rest()
    for name, value in rows.items():
        if type(value) not in (int, float) or not 0.1 < value < 25:
            raise ConfigInvalid(f"{table.place}: {name} = {value!r}: a density in g/cm³ is wanted")
    return {name: float(value) for name, value in rows.items()}
