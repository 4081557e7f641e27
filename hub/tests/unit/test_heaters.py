import math

import pytest

from hub.simulator.heaters import ROOM_C, Heater


def test_heating_follows_the_closed_form_and_then_holds() -> None:
    heater = Heater(450.0, 100.0)
    heater.aim(10.0, 215.0)
    reached_s = 100.0 * math.log((450 - ROOM_C) / (450 - 215))
    assert heater.wait_s(10.0, cooling_too=False) == pytest.approx(
        100.0 * math.log((450 - ROOM_C) / (450 - 214)), rel=1e-9
    )
    assert heater.at(10.0) == pytest.approx(ROOM_C)
    assert heater.at(10.0 + reached_s / 2) == pytest.approx(450 - (450 - ROOM_C) * math.exp(-reached_s / 200))
    assert heater.at(10.0 + reached_s) == pytest.approx(215.0)
    assert heater.at(10_000.0) == 215.0
    assert heater.wait_s(10_000.0, cooling_too=True) == 0.0


def test_cooling_is_waited_for_only_where_asked() -> None:
    heater = Heater(450.0, 100.0)
    heater.aim(0.0, 215.0)
    heater.aim(1000.0, 170.0)
    assert heater.wait_s(1000.0, cooling_too=False) == 0.0
    wait_s = heater.wait_s(1000.0, cooling_too=True)
    assert heater.at(1000.0 + wait_s) == pytest.approx(171.0)


def test_switched_off_it_tends_to_the_room() -> None:
    heater = Heater(450.0, 100.0)
    heater.aim(0.0, 215.0)
    heater.aim(1000.0, 0.0)
    assert heater.at(1100.0) == pytest.approx(ROOM_C + (215 - ROOM_C) / math.e)
    assert heater.at(1e6) == pytest.approx(ROOM_C)
