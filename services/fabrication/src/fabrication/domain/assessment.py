"""What is found about a configuration before any machine is chosen."""

from dataclasses import dataclass

from fabrication.domain.facts import SolidFacts
from fabrication.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class ProfileAssessment:
    """One machine profile's answer: can it make the part, how long and how much it takes, how many fit on one plate."""

    profile_id: str
    makeable: bool
    findings: tuple[Finding, ...]
    minutes: float
    grams: float
    plate_capacity: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """A configuration's solid and every profile's answer; minutes and grams are of one part alone on the plate."""

    solid: SolidFacts
    material_id: str
    profiles: tuple[ProfileAssessment, ...]

    @property
    def makeable(self) -> bool:
        """Whether any profile can make it."""
        return any(profile.makeable for profile in self.profiles)
