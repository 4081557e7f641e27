import math

import pytest

from hub.simulator.kinematics import Move, Planner, trapezoid_s

A = 1000.0


def move(x0: float, x1: float, *, y0: float = 0.0, y1: float = 0.0, speed: float = 100.0) -> Move:
    return Move((x0, y0, 0.0), (x1, y1, 0.0), speed=speed, acceleration=A, filament_mm=0.0)


def total_s(*moves: Move, corner: float = 5.0) -> float:
    planner = Planner(corner)
    for each in moves:
        planner.put(each)
    return sum(each.duration_s for each in planner.drain(stop=True))


def test_a_long_move_ramps_up_cruises_and_ramps_down() -> None:
    # v/a each way covers v²/2a = 5 mm; the other 90 mm at 100 mm/s
    assert total_s(move(0, 100)) == pytest.approx(0.1 + 0.9 + 0.1)


def test_a_short_move_never_reaches_its_speed() -> None:
    assert total_s(move(0, 2)) == pytest.approx(2 * math.sqrt(2 / A))


def test_ramps_between_two_speeds_take_their_difference() -> None:
    # from 20 to 100 to 40 mm/s: (80 + 60)/a, over 4.8 + 4.2 mm; the rest at 100
    assert trapezoid_s(50, 20, 100, 40, A) == pytest.approx(0.08 + 0.06 + (50 - 4.8 - 4.2) / 100)


def test_a_straight_line_in_pieces_takes_as_long_as_in_one() -> None:
    pieces = [move(float(x), float(x + 1)) for x in range(100)]
    assert total_s(*pieces) == pytest.approx(total_s(move(0, 100)), rel=1e-6)


def test_a_straight_line_longer_than_the_look_ahead_is_planned_the_same() -> None:
    planner, done = Planner(5.0), []
    for x in range(2000):
        planner.put(move(x * 0.5, (x + 1) * 0.5))
        if planner.full:
            done += list(planner.drain(stop=False))
    done += list(planner.drain(stop=True))
    assert len(done) == 2000
    assert sum(each.duration_s for each in done) == pytest.approx(1000 / 100 + 0.1, rel=1e-6)


def test_a_right_angle_is_taken_at_the_square_corner_speed() -> None:
    # each leg ramps from 0 to 100, and to and from 5 mm/s at the corner
    leg = (100 + 95) / A + (50 - (100**2 + 100**2 - 5**2) / (2 * A)) / 100
    assert total_s(move(0, 50), Move((50, 0, 0), (50, 50, 0), speed=100, acceleration=A, filament_mm=0)) == (
        pytest.approx(2 * leg)
    )


def test_a_reversal_stops() -> None:
    assert total_s(move(0, 50), move(50, 0)) == pytest.approx(2 * total_s(move(0, 50)))


def test_a_turn_of_the_extruder_alone_stops_motion() -> None:
    turn = Move((50, 0, 0), (50, 0, 0), speed=40, acceleration=A, filament_mm=0, turn_mm=2.0)
    alone = trapezoid_s(2, 0, 40, 0, A)
    assert total_s(move(0, 50), turn, move(50, 100)) == pytest.approx(2 * total_s(move(0, 50)) + alone)


def test_actions_come_at_their_place() -> None:
    planner = Planner(5.0)
    planner.put(move(0, 1))
    planner.put_action("between")
    planner.put(move(1, 2))
    planner.put_action("after")
    kinds = [item if isinstance(item, str) else "move" for item in planner.drain(stop=True)]
    assert kinds == ["move", "between", "move", "after"]


def test_an_action_does_not_slow_motion_down() -> None:
    planner = Planner(5.0)
    planner.put(move(0, 50))
    planner.put_action("fan")
    planner.put(move(50, 100))
    assert sum(i.duration_s for i in planner.drain(stop=True) if isinstance(i, Move)) == pytest.approx(1.1)
