"""What the machine and the material allow, whatever the part: envelope, feeds, melt, heat, retraction, descents."""

import numpy as np

from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Violation
from fabrication.verification.beads import cross_sections_mm2
from fabrication.verification.replay import BODY, Floats, Ints, Replay

FEED_TOLERANCE = 1.001
MELT_TOLERANCE = 1.03
HEAT_TOLERANCE_C = 0.5
ROUNDING_MM = 1e-5
PRIMED_MM = 0.02
MOST_PRIMED_MM = 12.0
EDGE_MM = 1e-6
TOLD_OF_A_KIND = 3


def machine_violations(replay: Replay, profile: MachineProfile, material: MaterialSettings) -> list[Violation]:
    """Everything that breaks a limit of the machine or the material."""
    return [
        *_envelope(replay, profile),
        *_feeds(replay, profile),
        *_melt(replay, profile, material),
        *_heat(replay, profile, material),
        *_retraction(replay),
        *_descents(replay),
    ]


def machine_figures(replay: Replay, profile: MachineProfile) -> dict[str, float]:
    """The greatest feed and melt, the filament used."""
    laying = np.flatnonzero(replay.laying)
    flow = _flow(replay, laying, profile)
    return {
        "greatest_feed_mm_per_s": round(float(replay.feed[replay.lengths_mm > 0].max(initial=0.0)), 3),
        "greatest_flow_mm3_per_s": round(float(flow.max(initial=0.0)), 3),
        "filament_mm": round(float(replay.extruded.sum()), 3),
        "moves": float(len(replay.line)),
    }


def told(replay: Replay, rows: Ints, code: str, message: str) -> list[Violation]:
    """The first few rows as violations, the last of them saying how many more there are."""
    found = []
    for number, row in enumerate(rows[:TOLD_OF_A_KIND]):
        more = f" ({len(rows) - TOLD_OF_A_KIND} more)" if number == TOLD_OF_A_KIND - 1 < len(rows) - 1 else ""
        x, y, z = np.round(replay.end[row], 3).tolist()
        found.append(Violation(code, message + more, int(replay.line[row]), (x, y, z)))
    return found


def _envelope(replay: Replay, profile: MachineProfile) -> list[Violation]:
    volume = np.array(profile.volume_mm)
    outside = ((replay.end < -EDGE_MM) | (replay.end > volume + EDGE_MM)).any(axis=1)
    return told(replay, np.flatnonzero(outside), "out-of-volume", "the nozzle leaves the build volume")


def _feeds(replay: Replay, profile: MachineProfile) -> list[Violation]:
    steps = np.abs(replay.end - replay.start)
    lengths = replay.lengths_mm
    moving = lengths > 0.0
    seconds = np.where(moving, lengths, np.abs(replay.extruded)) / np.maximum(replay.feed, 1e-9)
    seconds = np.maximum(seconds, 1e-12)
    fast = (steps / seconds[:, None] > np.array(profile.motion.max_feed_mm_per_s) * FEED_TOLERANCE).any(axis=1)
    fast |= np.abs(replay.extruded) / seconds > profile.motion.max_extruder_mm_per_s * FEED_TOLERANCE
    idle = (moving | (replay.extruded != 0.0)) & (replay.feed <= 0.0)
    return [
        *told(replay, np.flatnonzero(fast & ~idle), "too-fast", "an axis runs faster than the machine allows"),
        *told(replay, np.flatnonzero(idle), "no-feed", "a move has no feed"),
    ]


def _flow(replay: Replay, rows: Ints, profile: MachineProfile) -> Floats:
    """The least flow (mm³/s) that the rounded figures of each move stand for."""
    certain = np.maximum(1.0 - ROUNDING_MM / np.maximum(replay.extruded[rows], 1e-9), 0.0)
    return np.asarray(cross_sections_mm2(replay, rows, profile) * replay.feed[rows] * certain)


def _melt(replay: Replay, profile: MachineProfile, material: MaterialSettings) -> list[Violation]:
    rows = np.flatnonzero(replay.laying)
    limit = min(profile.nozzle.melt_limit_mm3_per_s, material.fdm.flow_limit_mm3_per_s.value)
    over = rows[_flow(replay, rows, profile) > limit * MELT_TOLERANCE]
    return told(replay, over, "flow-limit", f"more than {limit:g} mm³/s is to be melted")


def _heat(replay: Replay, profile: MachineProfile, material: MaterialSettings) -> list[Violation]:
    fdm, thermal = material.fdm, profile.thermal
    cold = np.flatnonzero((replay.extruded > 0.0) & ~replay.hot)
    found = told(replay, cold, "cold-extrusion", "plastic is asked for before the nozzle is hot")
    over = np.flatnonzero((replay.nozzle > thermal.max_nozzle_c) | (replay.bed > thermal.max_bed_c))
    found += told(replay, over, "too-hot", "a heater is asked for more than it may give")
    laying = replay.laying
    if laying.any():
        first = replay.end[:, 2] <= replay.end[laying, 2].min()
        wanted = np.where(first, fdm.first_layer_nozzle_c.value, fdm.nozzle_c.value)
        wrong = laying & (np.abs(replay.nozzle - wanted) > HEAT_TOLERANCE_C)
        found += told(replay, np.flatnonzero(wrong), "nozzle-temperature", f"not at the {material.name}'s temperature")
        bed = laying & (np.abs(replay.bed - fdm.bed_c.value) > HEAT_TOLERANCE_C)
        found += told(replay, np.flatnonzero(bed), "bed-temperature", f"not at the {material.name}'s bed temperature")
    return found


def _retraction(replay: Replay) -> list[Violation]:
    """Filament drawn back must come forward again, whole, before the next bead, and no more than that."""
    drawn, lacking, excess = 0.0, [], []
    laying = replay.laying.tolist()
    across = (np.abs(replay.end - replay.start)[:, :2].sum(axis=1) > 0.0).tolist()
    for row, (extruded, section) in enumerate(zip(replay.extruded.tolist(), replay.section.tolist(), strict=True)):
        if section != BODY or extruded == 0.0:
            continue
        if laying[row]:
            if drawn > PRIMED_MM:
                lacking.append(row)
                drawn = 0.0
        elif across[row]:
            excess.append(row)
        else:
            drawn -= extruded
            if drawn < -PRIMED_MM or drawn > MOST_PRIMED_MM:
                excess.append(row)
                drawn = 0.0
    return [
        *told(replay, np.array(lacking, dtype=np.int64), "not-primed", "a bead begins with the filament drawn back"),
        *told(
            replay, np.array(excess, dtype=np.int64), "retraction", "filament is moved that no retraction accounts for"
        ),
    ]


def _descents(replay: Replay) -> list[Violation]:
    """Once plastic lies at a height, the nozzle never moves across the plate below it."""
    laid = np.where(replay.laying, replay.end[:, 2], 0.0)
    highest = np.concatenate([[0.0], np.maximum.accumulate(laid)[:-1]]) if len(laid) else laid
    across = np.abs(replay.end - replay.start)[:, :2].sum(axis=1) > 0.0
    low = np.minimum(replay.start[:, 2], replay.end[:, 2])
    hits = (replay.section == BODY) & across & (low < highest - 1e-4)
    return told(replay, np.flatnonzero(hits), "below-the-part", "the nozzle runs through what is already laid")
