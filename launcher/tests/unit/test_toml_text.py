import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.toml_text import toml_text

SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
TABLES = st.recursive(
    st.dictionaries(KEYS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(KEYS, st.one_of(SCALARS, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4),
    max_leaves=12,
)


@given(TABLES)
def test_what_is_written_is_read(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def test_it_reads_well() -> None:
    table = {"id": "m1", "machines": [{"name": "a", "truth": {"scale": [1.0, 0.999]}}], "limits": {"x": 1}}
    assert toml_text(table) == (
        'id = "m1"\n[[machines]]\nname = "a"\n[machines.truth]\nscale = [1.0, 0.999]\n[limits]\nx = 1\n'
    )


def test_nan_has_no_place() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        toml_text({"x": float("nan")})
