"""A program against the solid it is to make: the whole verification and its report."""

import numpy as np

from fabrication.domain.digests import sha256_of
from fabrication.domain.programs import VerificationReport, Violation
from fabrication.verification.beads import laid_layers
from fabrication.verification.copies import CopyFindings, check_copy
from fabrication.verification.evidence import Evidence, Order
from fabrication.verification.height_rules import expected_tops, height_violations, reached_mm, thickness_violations
from fabrication.verification.machine_rules import machine_figures, machine_violations, told
from fabrication.verification.replay import Floats, Interpreter
from fabrication.verification.sequences import divide
from fabrication.verification.solid import placed, read_stl
from fabrication.verification.whereabouts import single_placement

MOST_VIOLATIONS = 60


def verify(program: str, stl: bytes, order: Order) -> VerificationReport:
    """Replay the program and compare it with the solid; raises CadRefused where the solid cannot be read."""
    corners = read_stl(stl)
    lines = program.split("\n")
    tops = expected_tops(float(np.ptp(corners[:, :, 2])), order.profile, order.request)
    sections, violations = divide(lines, order.profile, order.material, tops[-1])
    evidence = _evidence(lines, sections, corners, order)
    violations += evidence.replay.violations
    violations += machine_violations(evidence.replay, order.profile, order.material)
    violations += height_violations(evidence.layers, tops)
    violations += thickness_violations(evidence.layers, order.profile)
    figures = machine_figures(evidence.replay, order.profile)
    figures["height_mm"] = round(reached_mm(evidence.layers), 4)
    figures["layers"] = float(len(evidence.layers))
    copies, stray = _check_copies(evidence)
    violations += stray
    for copy in copies:
        violations += copy.violations
    figures |= copies[0].figures()
    return VerificationReport(
        passed=not violations,
        program_sha256=sha256_of(program.encode()),
        figures=dict(sorted(figures.items())),
        violations=tuple(violations[:MOST_VIOLATIONS]),
    )


def _evidence(lines: list[str], sections: list[int], corners: Floats, order: Order) -> Evidence:
    replay = Interpreter().run(lines, sections)
    placement = order.placement or single_placement(replay, corners, order.profile.bead_width_mm)
    bodies = [placed(corners, np.array(matrix)) for matrix in placement]
    return Evidence(order, replay, laid_layers(replay), placement, bodies)


def _check_copies(evidence: Evidence) -> tuple[list[CopyFindings], list[Violation]]:
    """Every copy that is not another's like, and plastic that is nobody's (but a skirt in the first layer)."""
    owners, replay = evidence.owners(), evidence.replay
    stray = np.flatnonzero(replay.laying & (owners < 0))
    if evidence.layers:
        stray = stray[replay.end[stray, 2] > evidence.layers[0].z_mm + 1e-4]
    checked: dict[int, CopyFindings] = {}
    for copy in range(len(evidence.bodies)):
        if not any(evidence.alike(owners, copy, other) for other in checked):
            checked[copy] = check_copy(evidence, copy, owners)
    return list(checked.values()), told(replay, stray, "stray-bead", "plastic is laid away from every copy")
