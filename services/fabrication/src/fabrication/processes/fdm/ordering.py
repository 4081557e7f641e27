"""In which order beads are laid: always the nearest next, a line from whichever end is nearer.

The nearest-neighbour rule keeps travel within a quarter or so of the best tour for points in the plane (Johnson and
McGeoch, "The travelling salesman problem: a case study in local optimization", 1997), which slicers accept.
"""

import numpy as np

from fabrication.processes.fdm.path import Path
from fabrication.processes.mesh import Points


def nearest_first(paths: list[Path], start: Points) -> list[Path]:
    """The paths in order from a point (2,); open ones are turned round where that is nearer."""
    if not paths:
        return []
    heads = np.array([path.points[0] for path in paths])
    tails = np.array([path.points[-1] for path in paths])
    waiting = np.ones(len(paths), dtype=np.bool_)
    ordered, place = [], start
    for _ in paths:
        to_head = np.where(waiting, ((heads - place) ** 2).sum(axis=1), np.inf)
        to_tail = np.where(waiting, ((tails - place) ** 2).sum(axis=1), np.inf)
        head, tail = int(to_head.argmin()), int(to_tail.argmin())
        turned = to_tail[tail] < to_head[head]
        chosen = tail if turned else head
        waiting[chosen] = False
        path = paths[chosen].reversed() if turned else paths[chosen]
        ordered.append(path)
        place = path.points[-1]
    return ordered


def nearest_groups(groups: list[list[Path]], start: Points) -> list[list[Path]]:
    """Whole groups (islands) by how near their first bead starts."""
    waiting, ordered, place = [group for group in groups if group], [], start
    while waiting:
        distances = [float(((group[0].points[0] - place) ** 2).sum()) for group in waiting]
        group = waiting.pop(int(np.argmin(distances)))
        ordered.append(group)
        place = group[-1].points[-1]
    return ordered
