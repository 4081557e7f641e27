"""Two designs that can be ordered."""

from __future__ import annotations

from fabmesh.catalog.v1 import events_pb2 as catalog


def knob() -> catalog.DesignVersionReleased:
    """A design with every kind of parameter, whose parts need a licence of 1.50 € each."""
    return catalog.DesignVersionReleased(
        design_id="0192f000-0000-7000-8000-0000000000d1",
        slug="knob",
        version_id="v1",
        version=1,
        title="Knob",
        rights_holder_id="holder",
        materials=["pla", "petg"],
        parameters=[
            catalog.Parameter(
                name="diameter", kind="number", default_json="40", min=20, max=60, step=0.5, unit="mm", adjustable=True
            ),
            catalog.Parameter(name="grips", kind="integer", default_json="6", min=3, max=12, adjustable=True),
            catalog.Parameter(
                name="mark", kind="text", default_json='"dot"', choices_json=['"dot"', '"line"'], adjustable=True
            ),
            catalog.Parameter(name="wall", kind="number", default_json="2"),
        ],
        characteristics=[
            catalog.CharacteristicRule(
                name="Diameter",
                nominal="diameter + 2 * wall",
                upper=0.4,
                lower=-0.2,
                unit="mm",
                instrument="caliper",
                feature="extent-x",
                **{"class": "critical"},
            ),
            catalog.CharacteristicRule(
                name="Socket",
                nominal="wall",
                upper=0.1,
                lower=0,
                unit="mm",
                instrument="plug gauge",
                feature="bore",
                at=["0", "wall", "diameter / 2"],
                **{"class": "major"},
            ),
        ],
        licence=catalog.LicenceTerms(kind="per-part", fee={"amount": "1.50", "currency": "EUR"}),
    )


def clip() -> catalog.DesignVersionReleased:
    """A free design that names no characteristics."""
    return catalog.DesignVersionReleased(
        design_id="0192f000-0000-7000-8000-0000000000d2",
        slug="clip",
        version_id="c1",
        version=1,
        title="Clip",
        rights_holder_id="holder",
        materials=["pla"],
        licence=catalog.LicenceTerms(kind="free"),
    )
