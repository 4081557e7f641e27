import pytest

from launcher.parts import Part, stop_waves


def part(name: str, *after: str) -> Part:
    return Part(name=name, argv=["true"], after=after)


def names(parts: list[Part]) -> list[list[str]]:
    return [[each.name for each in wave] for wave in stop_waves(parts)]


def test_a_part_is_stopped_before_what_it_needs() -> None:
    parts = [
        part("postgres"),
        part("nats"),
        part("orders", "postgres", "nats"),
        part("worker", "postgres", "nats", "orders"),
    ]
    assert names(parts) == [["worker"], ["orders"], ["postgres", "nats"]]


def test_independent_parts_are_stopped_together() -> None:
    assert names([part("a"), part("b")]) == [["a", "b"]]


def test_a_dependency_that_is_not_a_part_does_not_matter() -> None:
    assert names([part("orders", "a database of somebody else's")]) == [["orders"]]


def test_parts_that_wait_for_each_other_are_an_error() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        stop_waves([part("a", "b"), part("b", "a")])


def test_no_parts_no_waves() -> None:
    assert names([]) == []
