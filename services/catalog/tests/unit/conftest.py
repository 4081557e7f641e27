"""A design.toml that is right, to be harmed by the tests."""

from __future__ import annotations

import pytest

RIGHT = """
title = "Knob for a coffee machine"
rights_holder = "Acme Coffee"
processes = ["fdm"]
materials = ["petg", "pla"]
tags = ["Coffee"]

[[fits]]
maker = "Brunello"
model = "Classica 2"

[requirements]
max_temperature_c = 50

[parameters.diameter]
min = 28
max = 60
step = 0.5

[[characteristics]]
name = "Diameter"
nominal = "diameter"
upper = 0.4
lower = -0.4
unit = "mm"
feature = "extent-x"

[[characteristics]]
name = "Socket"
nominal = 6.2
upper = 0.3
lower = 0
unit = "mm"
class = "critical"
feature = "bore"
at = ["0", "diameter / 4"]
z = 2

[licence]
kind = "per-part"
fee = { amount = "1.50", currency = "EUR" }
"""


@pytest.fixture
def right() -> str:
    return RIGHT
