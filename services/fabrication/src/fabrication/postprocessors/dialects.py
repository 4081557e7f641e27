"""Which writer speaks which dialect."""

from fabrication.domain.machines import Dialect, MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.postprocessors.gcode import GcodeWriter
from fabrication.postprocessors.klipper import KlipperWriter
from fabrication.postprocessors.marlin import MarlinWriter

WRITERS: dict[Dialect, type[GcodeWriter]] = {"marlin": MarlinWriter, "klipper": KlipperWriter}


def writer_for(profile: MachineProfile, material: MaterialSettings) -> GcodeWriter:
    """The post-processor of a machine."""
    return WRITERS[profile.dialect](profile, material)
