"""What forbids or endangers making a part by fused filament: fit, heat, overhangs, thin walls."""

import numpy as np

from fabrication.domain.findings import Finding, Severity
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.plate import Plate
from fabrication.domain.requests import PrintRequest
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.bridges import PROBE_MM, SAFE_BRIDGE_MM, find_bridges
from fabrication.processes.fdm.region import Region, area_mm2, difference, grown, intersection, islands, opened
from fabrication.processes.fdm.slicing import Outlines
from fabrication.processes.mesh import Mesh, Points

STEEP = 0.6
"""How far a layer may reach beyond the one below, in beads, before the overhang is told."""
TOO_STEEP = 2.1
"""From here on not even the second bead from outside touches what is below it."""
SMALLEST_MM2 = 0.3
LOOSE_MM2 = 1.0
THIN_SHARE = 0.02
THIN_MM2 = 2.0
SMALL_FOOTPRINT = 0.02
WORST_TOLD = 5


def fit_findings(
    low_mm: Points,
    high_mm: Points,
    profile: MachineProfile,
    material: MaterialSettings,
    request: PrintRequest,
    quantity: int,
) -> tuple[Finding, ...]:
    """Whether that many copies, that layer and that material suit the machine at all."""
    found = []
    x, y, z = (high_mm - low_mm).tolist()
    capacity = Plate.of(profile, request.clearance_mm, request.brim_mm).capacity((x, y))
    if capacity < 1 or z > profile.volume_mm[2]:
        volume = " × ".join(f"{side:g}" for side in profile.volume_mm)
        found.append(
            _error(
                "too-big", f"{x:.1f} × {y:.1f} × {z:.1f} mm does not fit {volume} mm", "make it smaller, or in parts"
            )
        )
    elif capacity < quantity:
        found.append(
            _error("plate-full", f"{capacity} fit on one plate, {quantity} are asked for", "split the order in plates")
        )
    if not profile.layers.min_height_mm <= request.layer_mm <= profile.layers.max_height_mm:
        found.append(
            _error("layer-height", f"layers of {request.layer_mm:g} mm are not for this nozzle", "take 0.2 mm")
        )
    return (*found, *_thermal_findings(profile, material))


def _thermal_findings(profile: MachineProfile, material: MaterialSettings) -> list[Finding]:
    found = []
    hottest = max(material.fdm.nozzle_c.value, material.fdm.first_layer_nozzle_c.value)
    if hottest > profile.thermal.max_nozzle_c:
        limit = profile.thermal.max_nozzle_c
        found.append(
            _error("nozzle-too-cold", f"{material.name} needs {hottest:g} °C, the nozzle ends at {limit:g}", "")
        )
    if material.fdm.bed_c.value > profile.thermal.max_bed_c:
        needed, limit = material.fdm.bed_c.value, profile.thermal.max_bed_c
        found.append(_error("bed-too-cold", f"{material.name} needs a bed of {needed:g} °C, it ends at {limit:g}", ""))
    if material.needs_enclosure and not profile.thermal.enclosed:
        message = f"{material.name} warps without an enclosure"
        found.append(Finding("no-enclosure", message, Severity.WARNING, "prefer an enclosed machine"))
    return found


def find_faults(outlines: Outlines, bead: BeadShape, mesh: Mesh) -> tuple[Finding, ...]:
    """What the sections of a part tell, for beads of that shape; points are in the mesh's coordinates."""
    regions, middles = outlines.regions, outlines.heights.middles_mm
    found: list[Finding] = []
    if not regions or not regions[0]:
        return (_error("no-footprint", "nothing of the part touches the bed", "give it a flat base"),)
    found += _footprint(regions[0], mesh)
    found += _thin_walls(regions, middles, bead)
    for index in range(1, len(regions)):
        if regions[index] is not regions[index - 1]:
            found += _overhangs(regions[index], regions[index - 1], float(middles[index]), bead)
    return _worst(found)


def _footprint(base: Region, mesh: Mesh) -> list[Finding]:
    low, high = mesh.low_mm, mesh.high_mm
    share = area_mm2(base) / max(1e-9, float((high[0] - low[0]) * (high[1] - low[1])))
    if share >= SMALL_FOOTPRINT:
        return []
    message = f"only {area_mm2(base):.1f} mm² of the part lies on the bed"
    return [
        Finding("small-footprint", message, Severity.WARNING, "turn a flat side down, or add a brim", _at(base, 0.0))
    ]


def _overhangs(outline: Region, below: Region, z_mm: float, bead: BeadShape) -> list[Finding]:
    width = bead.width_mm
    reaching = opened(difference(outline, grown(below, STEEP * width)), 0.02)
    if not reaching:
        return []
    for piece in islands(outline):
        if not intersection(piece, below):
            message = f"at {z_mm:.1f} mm a region starts in the air"
            return [
                _error("starts-in-air", message, "turn the part, or let it grow out of what is below", _at(piece, z_mm))
            ]
    hanging = opened(difference(outline, grown(below, TOO_STEEP * width)), 0.02)
    longest = 0.0
    for bridge in find_bridges(outline, below, width):
        if bridge.loose_mm * PROBE_MM <= LOOSE_MM2:
            hanging = difference(hanging, grown(bridge.air, width))
            reaching = difference(reaching, grown(bridge.air, width))
            longest = max(longest, bridge.span_mm)
    if area_mm2(hanging) > SMALLEST_MM2:
        message = f"at {z_mm:.1f} mm {area_mm2(hanging):.1f} mm² hang in the air"
        return [
            _error("overhang", message, "keep slopes below 60° from upright, spans below 20 mm", _at(hanging, z_mm))
        ]
    if area_mm2(reaching) > SMALLEST_MM2:
        message = f"at {z_mm:.1f} mm the surface leans out steeply"
        return [Finding("steep-overhang", message, Severity.WARNING, "keep slopes below 50°", _at(reaching, z_mm))]
    if longest > SAFE_BRIDGE_MM:
        message = f"at {z_mm:.1f} mm {longest:.0f} mm are spanned"
        return [
            Finding(
                "long-bridge", message, Severity.WARNING, f"keep spans below {SAFE_BRIDGE_MM:g} mm", _at(outline, z_mm)
            )
        ]
    return []


def _thin_walls(regions: list[Region], middles: Points, bead: BeadShape) -> list[Finding]:
    """Where a section is narrower than one bead: less than half a bead is lost altogether."""
    worst, at, z = 0.0, None, 0.0
    seen: set[int] = set()
    for index, region in enumerate(regions):
        if id(region) in seen or not region:
            continue
        seen.add(id(region))
        thin = difference(region, grown(opened(region, bead.width_mm / 2.0), 0.05))
        share = area_mm2(thin) / max(area_mm2(region), 1e-9)
        if share > max(worst, THIN_SHARE) and area_mm2(thin) > THIN_MM2:
            worst, at, z = share, _at(thin, float(middles[index])), float(middles[index])
    if at is None:
        return []
    message = f"at {z:.1f} mm {worst:.0%} of the section is thinner than a bead of {bead.width_mm:g} mm"
    return [Finding("thin-wall", message, Severity.WARNING, f"make walls at least {2 * bead.width_mm:g} mm thick", at)]


def _worst(found: list[Finding]) -> tuple[Finding, ...]:
    """At most a few of each kind, errors first, in the order they were met."""
    counted: dict[str, int] = {}
    kept = []
    for finding in sorted(found, key=lambda item: not item.is_error):
        counted[finding.code] = counted.get(finding.code, 0) + 1
        if counted[finding.code] <= WORST_TOLD:
            kept.append(finding)
    return tuple(kept)


def _error(code: str, message: str, mend: str, at_mm: tuple[float, float, float] | None = None) -> Finding:
    return Finding(code, message, Severity.ERROR, mend, at_mm)


def _at(region: Region, z_mm: float) -> tuple[float, float, float]:
    biggest = max(region, key=len)
    x, y = np.mean(biggest, axis=0).tolist()
    return (round(x, 3), round(y, 3), round(z_mm, 3))
