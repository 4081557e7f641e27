"""What orders must know of a released design version: its own copy of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from orders.domain.money import Money

Value = bool | int | float | str | list["Value"] | None
"""What a parameter can be set to: JSON without objects."""

PER_PART = "per-part"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared input. `kind`: number, integer, text, boolean or tuple. Not adjustable: it stays at its default."""

    name: str
    kind: str
    default: Value
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    unit: str = ""
    adjustable: bool = True


@dataclass(frozen=True, slots=True)
class CharacteristicRule:
    """What to check on a part. `nominal` and `at` are expressions of the parameters; `upper` and `lower` deviations."""

    name: str
    nominal: str
    upper: float
    lower: float
    unit: str = "mm"
    instrument: str = ""
    classed: str = "major"
    feature: str = ""
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """What the right to make a part costs. `kind`: free or per-part."""

    kind: str = "free"
    fee: Money | None = None
    territory: str = ""

    @property
    def per_part(self) -> bool:
        """Whether each part needs a unit of a licence."""
        return self.kind == PER_PART


@dataclass(frozen=True, slots=True)
class DesignVersion:
    """One immutable released version of a design."""

    id: str
    design_id: str
    slug: str
    number: int
    title: str
    rights_holder_id: str
    materials: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    characteristics: tuple[CharacteristicRule, ...] = ()
    licence: LicenceTerms = LicenceTerms()
