"""design.toml: what is read of it, and that each fault has its code and place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.errors import DesignRefused
from catalog.domain.manifest import read_manifest
from catalog.domain.terms import Fit, LicenceTerms, Money, Requirements


def test_everything_is_read(right: str) -> None:
    manifest = read_manifest(right)
    assert manifest.slug == "knob-for-a-coffee-machine"
    assert manifest.tags == ("coffee",)
    assert manifest.fits == (Fit("Brunello", "Classica 2", ""),)
    assert manifest.requirements == Requirements(max_temperature_c=50.0)
    assert manifest.licence == LicenceTerms("per-part", Money(Decimal("1.50"), "EUR"))
    assert manifest.bounds["diameter"].step == 0.5
    assert manifest.characteristics[1] == CharacteristicRule(
        name="Socket",
        nominal="6.2",
        upper=0.3,
        lower=0.0,
        unit="mm",
        class_="critical",
        feature="bore",
        at=("0", "diameter / 4", "2"),
    )


def test_little_is_required() -> None:
    manifest = read_manifest('title = "T"\nrights_holder = "R"\nprocesses = ["fdm"]\nmaterials = ["pla"]')
    assert manifest.licence == LicenceTerms("free")
    assert manifest.bounds == {}
    assert manifest.characteristics == ()


HARMS = [
    ('title = "Knob for a coffee machine"', "", "missing-field", "title"),
    ('title = "Knob for a coffee machine"', 'title = "  "', "missing-field", "title"),
    ('title = "Knob for a coffee machine"', "title = 3", "wrong-type", "title"),
    ('title = "Knob for a coffee machine"', 'title = "a\\u0000b"', "wrong-type", "title"),
    ('title = "Knob for a coffee machine"', f'title = "{"x" * 201}"', "wrong-type", "title"),
    ('title = "Knob for a coffee machine"', 'title = "螺母"', "bad-slug", "slug"),
    ('title = "Knob for a coffee machine"', 'title = "K"\nslug = "Big Knob"', "bad-slug", "slug"),
    (
        'title = "Knob for a coffee machine"',
        f'title = "K"\nslug = "{"0" * 8}-0000-0000-0000-{"0" * 12}"',
        "bad-slug",
        "slug",
    ),
    ('title = "Knob for a coffee machine"', 'titel = "K"\ntitle = "K"', "unknown-field", "titel"),
    ("[licence]", "[licences]", "unknown-field", "licences"),
    ('rights_holder = "Acme Coffee"', "", "missing-field", "rights_holder"),
    ('processes = ["fdm"]', "processes = []", "missing-field", "processes"),
    ('processes = ["fdm"]', 'processes = ["casting"]', "unknown-process", "processes"),
    ('processes = ["fdm"]', 'processes = ["fdm", "fdm"]', "wrong-type", "processes"),
    ('materials = ["petg", "pla"]', "", "missing-field", "materials"),
    ('materials = ["petg", "pla"]', 'materials = "pla"', "wrong-type", "materials"),
    ('model = "Classica 2"', "", "missing-field", "fits[0].model"),
    ('model = "Classica 2"', 'model = "C"\nserial = "1"', "unknown-field", "fits[0].serial"),
    ("[[fits]]", "[fits]", "wrong-type", "fits"),
    ("max_temperature_c = 50", "max_temperature_c = nan", "wrong-type", "requirements.max_temperature_c"),
    ("max_temperature_c = 50", "max_temperature_c = inf", "wrong-type", "requirements.max_temperature_c"),
    ("max_temperature_c = 50", "max_temperature_c = true", "wrong-type", "requirements.max_temperature_c"),
    ("max_temperature_c = 50", f"max_temperature_c = {'9' * 400}", "wrong-type", "requirements.max_temperature_c"),
    ("max_temperature_c = 50", "load_n = -1", "bad-bounds", "requirements.load_n"),
    ("max_temperature_c = 50", "food_contact = 1", "wrong-type", "requirements.food_contact"),
    ("step = 0.5", "stride = 0.5", "unknown-field", "parameters.diameter.stride"),
    ("step = 0.5", 'step = "0.5"', "wrong-type", "parameters.diameter.step"),
    ("step = 0.5", "choices = [1979-05-27]", "wrong-type", "parameters.diameter.choices"),
    ("[parameters.diameter]", "[parameters]\ndiameter = 3\n[other]", "wrong-type", "parameters.diameter"),
    ("upper = 0.4", "", "missing-field", "characteristics[0].upper"),
    ("lower = -0.4", "lower = 0.4", "bad-tolerance", "characteristics[0]"),
    ("upper = 0.3", "upper = 0", "bad-tolerance", "characteristics[1]"),
    ('class = "critical"', 'class = "grave"', "bad-class", "characteristics[1].class"),
    ('feature = "extent-x"', 'feature = "roundness"', "bad-feature", "characteristics[0].feature"),
    ('feature = "extent-x"', 'feature = "mass"', "bad-unit", "characteristics[0].unit"),
    ('feature = "extent-x"', 'feature = "bore"', "bad-feature", "characteristics[0]"),
    ('feature = "bore"', 'feature = "extent-z"', "bad-feature", "characteristics[1]"),
    ('at = ["0", "diameter / 4"]', 'at = ["0"]', "bad-feature", "characteristics[1].at"),
    ('at = ["0", "diameter / 4"]', 'at = ["0", true]', "wrong-type", "characteristics[1].at.y"),
    ("z = 2", "", "bad-feature", "characteristics[1].at"),
    ('name = "Socket"', 'name = "Diameter"', "duplicate-name", "characteristics"),
    ('kind = "per-part"', 'kind = "rent"', "bad-licence", "licence.kind"),
    ('kind = "per-part"', 'kind = "free"', "bad-licence", "licence.fee"),
    ('fee = { amount = "1.50", currency = "EUR" }', "", "bad-licence", "licence.fee"),
    ('amount = "1.50"', 'amount = "much"', "bad-licence", "licence.fee.amount"),
    ('amount = "1.50"', 'amount = "NaN"', "bad-licence", "licence.fee.amount"),
    ('amount = "1.50"', 'amount = "-1"', "bad-licence", "licence.fee.amount"),
    ('amount = "1.50"', 'amount = "0.0000001"', "bad-licence", "licence.fee.amount"),
    ('amount = "1.50"', 'amount = "1e99"', "bad-licence", "licence.fee.amount"),
    ('amount = "1.50"', "amount = 1.5", "wrong-type", "licence.fee.amount"),
    ('currency = "EUR"', 'currency = "euro"', "bad-licence", "licence.fee.currency"),
    ('currency = "EUR"', 'currency = "EUR", tax = 1', "unknown-field", "licence.fee.tax"),
]


@pytest.mark.parametrize(("part", "harm", "code", "place"), HARMS)
def test_each_fault_has_its_code_and_place(right: str, part: str, harm: str, code: str, place: str) -> None:
    assert part in right
    with pytest.raises(DesignRefused) as refused:
        read_manifest(right.replace(part, harm, 1))
    assert (refused.value.code, refused.value.at) == (code, place)


@pytest.mark.parametrize(
    "text", ["title", "a = 1\na = 2", "x = [" * 5_000, f"x = {'9' * 5_000}", "\ufefftitle = 1", "\0"]
)
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(DesignRefused) as refused:
        read_manifest(text)
    assert refused.value.code == "invalid-toml"


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(DesignRefused):
        read_manifest(text)


VALUES = st.recursive(
    st.sampled_from(
        ['"x"', "1", "-2.5", "inf", "nan", "true", "1979-05-27", '""', '"a\\u0001"', "99999999999999999999"]
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
    max_leaves=4,
)
FIELDS = ["title", "slug", "summary", "rights_holder", "processes", "materials", "tags", "requires", "fits"]
FIELDS += ["requirements", "parameters", "characteristics", "licence", "requirements.load_n", "parameters.a.min"]
FIELDS += ["parameters.a.choices", "licence.kind", "licence.fee", "other"]


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
def test_any_values_are_read_or_refused(fields: dict[str, str]) -> None:
    text = "\n".join(f"{name} = {value}" for name, value in fields.items())
    complete = {"title", "rights_holder", "processes", "materials"} <= set(fields)
    try:
        read_manifest(text)
    except DesignRefused:
        return
    assert complete
