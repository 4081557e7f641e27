"""What is kept as JSON comes back as it was."""

from __future__ import annotations

import json

from job_order_stages import PROGRAM

from routing.domain.geography import Place
from routing.domain.job_order import Setback
from routing.domain.requirements import ProfileNeed, Reason, Requirements, Size
from routing.store import documents

NEEDS = Requirements(
    part_ids=("p1", "p2"),
    version_id="v",
    material_id="pla",
    extent=Size(1.5, 2, 3),
    profiles={"mk4": ProfileNeed(True, (), 3, 4.25, 5, 6), "mini": ProfileNeed(False, (Reason("thin", "0.1"),))},
    destination=Place(53.5, 10),
    pickup_hub_id="h",
)


def through_json(document):
    return json.loads(json.dumps(document))


def test_requirements():
    assert documents.requirements_of(through_json(documents.requirements_document(NEEDS))) == NEEDS


def test_setbacks_reasons_and_programs():
    setbacks = (Setback("m", Reason("jam", "x")),)
    assert documents.setbacks_of(through_json(documents.setbacks_document(setbacks))) == setbacks
    reasons = (Reason("a", "b"),)
    assert documents.reasons_of(through_json(documents.reasons_document(reasons))) == reasons
    assert documents.program_of(through_json(documents.program_document(PROGRAM))) == PROGRAM
    assert documents.program_of(documents.program_document(None)) is None
