"""How long a run of moves takes: trapezoidal speeds with look-ahead, as Marlin and Klipper plan them.

Corners are taken at the speed v² = a·d·sin(θ/2)/(1 − sin(θ/2)) for the angle θ between moves, with the junction
deviation d = v_sc²·(√2 − 1)/a for a square corner velocity v_sc (Klipper documentation, "Kinematics"; Jeon, "Improving
Grbl's cornering algorithm", 2011). One pass back and one forward make every change of speed possible within its move;
each move then accelerates, cruises and brakes.
"""

import numpy as np

from fabrication.processes.mesh import Points


def move_seconds(steps: Points, feeds_mm_per_s: Points, acceleration: Points, square_corner: float) -> Points:
    """The duration (s) of each move: `steps` (n, 3) in mm, feeds, accelerations (mm/s²); starts and ends at rest."""
    lengths = np.linalg.norm(steps, axis=1)
    moving = lengths > 1e-9
    seconds = np.zeros(len(steps))
    if moving.any():
        seconds[moving] = _planned(
            steps[moving], lengths[moving], feeds_mm_per_s[moving], acceleration[moving], square_corner
        )
    return seconds


def _planned(steps: Points, lengths: Points, feeds: Points, acceleration: Points, square_corner: float) -> Points:
    entries = _reachable(lengths, acceleration, _corner_squares(steps, lengths, feeds, acceleration, square_corner))
    start, end = entries[:-1], entries[1:]
    top = np.minimum(feeds**2, acceleration * lengths + (start + end) / 2.0)
    top = np.maximum(top, np.maximum(start, end))
    peak, first, last = np.sqrt(top), np.sqrt(start), np.sqrt(end)
    ramps = (2.0 * top - start - end) / (2.0 * acceleration)
    cruising = np.maximum(lengths - ramps, 0.0)
    return np.asarray((peak - first + peak - last) / acceleration + cruising / peak)


def _corner_squares(
    steps: Points, lengths: Points, feeds: Points, acceleration: Points, square_corner: float
) -> Points:
    """The greatest squared speed at each of the n + 1 joints."""
    directions = steps / lengths[:, None]
    cosine = -np.einsum("ij,ij->i", directions[:-1], directions[1:])
    half_sine = np.sqrt(np.clip((1.0 - np.clip(cosine, -1.0, 1.0)) / 2.0, 0.0, 1.0))
    slower = np.minimum(acceleration[:-1], acceleration[1:])
    deviation = square_corner**2 * (np.sqrt(2.0) - 1.0) / slower
    with np.errstate(divide="ignore"):
        corner = slower * deviation * half_sine / (1.0 - half_sine)
    squares = np.zeros(len(lengths) + 1)
    squares[1:-1] = np.minimum(corner, np.minimum(feeds[:-1], feeds[1:]) ** 2)
    return squares


def _reachable(lengths: Points, acceleration: Points, squares: Points) -> Points:
    gain = (2.0 * acceleration * lengths).tolist()
    reached = squares.tolist()
    for index in range(len(gain) - 1, -1, -1):
        reached[index] = min(reached[index], reached[index + 1] + gain[index])
    for index, extra in enumerate(gain):
        reached[index + 1] = min(reached[index + 1], reached[index] + extra)
    return np.array(reached)
