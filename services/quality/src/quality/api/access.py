"""What every route of quality needs: the state, and for whom it answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from chassis.auth import Principal, Requires
from chassis.http import Text
from chassis.unit_of_work import UnitsOfWork
from quality.state import QualityState
from quality.store.queries import Seer

MayRead = Annotated[Principal, Depends(Requires("quality:read"))]
MayWrite = Annotated[Principal, Depends(Requires("quality:write"))]
Id = Annotated[Text, Path(max_length=100)]
Chosen = Annotated[Text, Query(max_length=100)]


def units_of(request: Request) -> UnitsOfWork:
    """The service's units of work."""
    state: QualityState = request.app.state.service
    return state.units


def seer_of(principal: Principal) -> Seer:
    """Whose orders the caller may see."""
    return None if principal.is_operator else principal.organisation_id
