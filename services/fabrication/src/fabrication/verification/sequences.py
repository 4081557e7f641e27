"""Which lines of a program are the machine's start and end sequences, and whether they are those of its profile."""

from fabrication.domain.machines import MachineProfile, fill_sequence
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Violation
from fabrication.verification.replay import BODY, END, START


def divide(
    lines: list[str], profile: MachineProfile, material: MaterialSettings, top_mm: float
) -> tuple[list[int], list[Violation]]:
    """For every line START, BODY or END, and what is wrong with the sequences."""
    values = {
        "nozzle_c": f"{material.fdm.nozzle_c.value:g}",
        "first_layer_c": f"{material.fdm.first_layer_nozzle_c.value:g}",
        "bed_c": f"{material.fdm.bed_c.value:g}",
        "max_z_mm": f"{min(profile.volume_mm[2], top_mm + 10.0):g}",
    }
    said = [(number, text) for number, line in enumerate(lines) if (text := line.partition(";")[0].strip())]
    violations = []
    start = fill_sequence(profile.sequences.start, values)
    end = fill_sequence(profile.sequences.end, values)
    sections = [BODY] * len(lines)
    if tuple(text for _, text in said[: len(start)]) == start:
        sections[: said[len(start) - 1][0] + 1] = [START] * (said[len(start) - 1][0] + 1)
    else:
        violations.append(Violation("start-sequence", "the program does not begin with the machine's start sequence"))
    if tuple(text for _, text in said[-len(end) :]) == end:
        first = said[-len(end)][0]
        sections[first:] = [END] * (len(lines) - first)
    else:
        violations.append(Violation("end-sequence", "the program does not end with the machine's end sequence"))
    return sections, violations
