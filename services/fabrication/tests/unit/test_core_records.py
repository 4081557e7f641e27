"""Records are read strictly and written back the same."""

from dataclasses import dataclass

import pytest

from fabrication.domain.digests import canonical_json, key_of
from fabrication.domain.errors import RecordInvalid
from fabrication.domain.findings import Finding, Severity
from fabrication.domain.records import from_record, to_record
from fabrication.domain.requests import PrintRequest


@dataclass(frozen=True)
class Inner:
    name: str
    size_mm: float


@dataclass(frozen=True)
class Outer:
    inner: Inner
    points: tuple[tuple[float, float], ...]
    note: str | None = None
    found: tuple[Finding, ...] = ()


WHOLE = Outer(Inner("a", 1.0), ((1.0, 2.0),), None, (Finding("c", "m", Severity.ERROR, "", (1.0, 2.0, 3.0)),))


def test_a_record_comes_back_as_it_went():
    assert from_record(Outer, to_record(WHOLE)) == WHOLE


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"inner": {"name": "a"}}, "inner.size_mm"),
        ({"inner": {"name": "a", "size_mm": "1"}}, "inner.size_mm"),
        ({"inner": {"name": "a", "size_mm": True}}, "inner.size_mm"),
        ({"inner": {"name": "a", "size_mm": float("nan")}}, "inner.size_mm"),
        ({"inner": {"name": 3, "size_mm": 1}}, "inner.name"),
        ({"inner": []}, "inner"),
        ({"points": [[1.0]]}, "points[0]"),
        ({"points": "ab"}, "points"),
        ({"colour": 1}, "colour"),
        ({"found": [{"code": "c", "message": "m", "severity": "awful"}]}, "found[0].severity"),
    ],
)
def test_a_fault_is_told_with_its_place(change, where):
    with pytest.raises(RecordInvalid) as invalid:
        from_record(Outer, to_record(WHOLE) | change)
    assert invalid.value.where == where


def test_an_integer_is_a_number_too():
    assert from_record(Inner, {"name": "a", "size_mm": 2}).size_mm == 2.0


@pytest.mark.parametrize(("name", "value"), [("infill", 1.01), ("layer_mm", 0.0), ("perimeters", 0)])
def test_a_wish_out_of_bounds_is_refused(name, value):
    with pytest.raises(RecordInvalid):
        from_record(PrintRequest, {name: value})


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert key_of({"a": 1, "b": 2.5}) == key_of({"b": 2.5, "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 1.5})
    assert canonical_json({"ü": (1, None)}) == '{"ü":[1,null]}'.encode()
