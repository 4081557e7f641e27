"""Slugs, content hashes, rights-holders, materials, searching."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.data.library import material_library
from catalog.domain.designs import Design, Inspection, RightsHolder, check_requires, content_sha256
from catalog.domain.errors import DesignRefused, Finding, ModelRefused, SlugTaken
from catalog.domain.manifest import read_manifest
from catalog.domain.materials import check_materials
from catalog.domain.parameters import Declared
from catalog.domain.slugs import check_slug, slug_of
from catalog.domain.terms import Requirements
from catalog.store.searching import search_text

LIBRARY = {material.id: material for material in material_library()}


@given(st.text(max_size=120))
def test_a_title_with_a_plain_letter_gives_a_slug(title: str) -> None:
    try:
        slug = slug_of(title)
    except DesignRefused:
        slug = ""
    assert check_slug(slug) == slug if re.search("[a-zA-Z0-9]", title) else True


def test_slugs_are_readable() -> None:
    assert slug_of("Größe 2: Füße & Räder") == "grosse-2-fusse-rader"
    assert len(slug_of("word " * 40)) <= 64


def test_the_hash_sees_content_and_not_layout(right: str) -> None:
    first = content_sha256("a = 1\nb = 2\n", read_manifest(right))
    assert content_sha256("a = 1\r\nb = 2\r\n", read_manifest("# note\n" + right.replace(" = ", "="))) == first
    assert content_sha256("a = 1\nb = 3\n", read_manifest(right)) != first
    assert content_sha256("a = 1\nb = 2\n", read_manifest(right.replace("step = 0.5", "step = 1"))) != first


def test_only_the_same_rights_holder_adds_to_a_design() -> None:
    acme = RightsHolder("acme", "Acme")
    Design("d", "knob", acme).must_belong_to(RightsHolder("acme", "Acme Coffee Inc."))
    for other in (RightsHolder("nord", "Acme"), RightsHolder("acme", "Acme", in_trust=True)):
        with pytest.raises(SlugTaken):
            Design("d", "knob", acme).must_belong_to(other)
    trust = Design("d", "knob", RightsHolder("operator", "Acme", in_trust=True))
    trust.must_belong_to(RightsHolder("operator", "ACME", in_trust=True))
    with pytest.raises(SlugTaken):
        trust.must_belong_to(RightsHolder("operator", "Nord", in_trust=True))


def test_what_fabrication_finds_wrong_refuses_the_model() -> None:
    good = Inspection((Declared("a", "number", 1.0),), (1.0, 1.0, 1.0), 1.0, 1)
    good.accept()
    with pytest.raises(ModelRefused) as refused:
        replace(good, findings=(Finding("invalid-solid", "error", "It is open."),)).accept()
    assert refused.value.findings[0].code == "invalid-solid"
    with pytest.raises(DesignRefused):
        replace(good, parameters=good.parameters * 101).accept()


def test_packages_must_be_allowed_exactly() -> None:
    check_requires(["a==1"], frozenset({"a==1"}))
    with pytest.raises(DesignRefused):
        check_requires(["a==2"], frozenset({"a==1"}))


def test_every_material_names_the_source_of_its_figures() -> None:
    assert set(LIBRARY) == {"pla", "petg", "asa", "tpu95", "pa12"}
    for material in LIBRARY.values():
        assert 0.8 < material.density_g_per_cm3 < 2
        assert material.colours
        assert set(material.sources) == {"density_g_per_cm3", "max_temperature_c", "food_contact"}
        assert all(material.sources.values())


def test_materials_must_be_known_and_bear_what_is_required(right: str) -> None:
    check_materials(read_manifest(right), LIBRARY)
    cases = {
        "unknown-material": right.replace('"pla"]', '"cheese"]'),
        "unfit-material": right.replace("max_temperature_c = 50", "max_temperature_c = 90"),
    }
    for code, text in cases.items():
        with pytest.raises(DesignRefused) as refused:
            check_materials(read_manifest(text), LIBRARY)
        assert refused.value.code == code
    assert "asa, pa12 would do" in refused.value.detail
    with pytest.raises(DesignRefused) as refused:
        check_materials(read_manifest(right.replace('["fdm"]', '["laser"]')), LIBRARY)
    assert "none of the catalogue would do" in refused.value.detail


def test_an_unknown_temperature_limit_meets_no_requirement() -> None:
    unknown = replace(LIBRARY["pla"], max_temperature_c=None)
    assert unknown.lacks(Requirements(max_temperature_c=20))
    assert not unknown.lacks(Requirements())


def test_a_materials_hash_sees_every_fact() -> None:
    pla = LIBRARY["pla"]
    changed = [
        replace(pla, name="x"),
        replace(pla, density_g_per_cm3=1.0),
        replace(pla, food_contact=not pla.food_contact),
        replace(pla, sources={}),
    ]
    assert len({each.content_sha256() for each in (pla, *changed)}) == 5


def test_part_numbers_are_found_without_their_punctuation() -> None:
    assert search_text("Brunello", "BR-0412/a") == "brunello br-0412/a br0412a"
