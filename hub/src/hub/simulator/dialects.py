"""Which command words a controller knows, and which of them change nothing that a virtual machine keeps.

Sources: Marlin G-code index (marlinfw.org/meta/gcode); Klipper G-Codes (klipper3d.org/G-Codes.html) and the macros its
users commonly give to slicers.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BOTH_IGNORED = _words(
    "G17 G90.1 G91.1 M17 M18 M20 M21 M73 M75 M76 M77 M82.1 M84 M105 M106 M107 M110 M114 M115 M117 M118 M119 M300"
)

IGNORED = {
    "marlin": _BOTH_IGNORED
    | _words(
        "G12 G27 G80 M31 M92 M108 M111 M113 M145 M155 M200 M205 M208 M209 M211 M217 M218 M250 M260 M261 M280 M301 M302 "
        "M303 M304 M355 M403 M413 M420 M425 M486 M500 M501 M502 M503 M555 M569 M572 M575 M593 M851 M862 M862.1 "
        "M862.2 M862.3 M862.4 M862.5 M862.6 M900 M906 M907 M911 M913 M914 M950 M997 M999 T0"
    ),
    "klipper": _BOTH_IGNORED
    | _words(
        "T0 BED_MESH_CLEAR BED_MESH_PROFILE EXCLUDE_OBJECT EXCLUDE_OBJECT_DEFINE EXCLUDE_OBJECT_END "
        "EXCLUDE_OBJECT_START EXCLUDE_OBJECT_RESET RESPOND SAVE_GCODE_STATE SET_DISPLAY_TEXT SET_FAN_SPEED "
        "SET_FILAMENT_SENSOR SET_GCODE_VARIABLE SET_IDLE_TIMEOUT SET_INPUT_SHAPER SET_LED SET_PIN SET_PRESSURE_ADVANCE "
        "SET_PRINT_STATS_INFO STATUS_PRINTING STATUS_READY TIMELAPSE_TAKE_FRAME UPDATE_DELAYED_GCODE "
        "ACTIVATE_EXTRUDER CLEAN_NOZZLE LINE_PURGE VORON_PURGE"
    ),
}

LEVELLING = {
    "marlin": frozenset({"G29", "G34"}),
    "klipper": frozenset({"BED_MESH_CALIBRATE", "QUAD_GANTRY_LEVEL", "Z_TILT_ADJUST", "G29", "G32"}),
}

WAITS_FOR_A_PERSON = frozenset({"M0", "M1", "M25", "M226", "M600", "M601", "PAUSE"})

START_MACROS = frozenset({"PRINT_START", "START_PRINT"})
END_MACROS = frozenset({"PRINT_END", "END_PRINT"})
EXTRUDER_NAMES = ("EXTRUDER", "EXTRUDER_TEMP", "HOTEND", "TOOL_TEMP", "NOZZLE")
BED_NAMES = ("BED", "BED_TEMP")

NOT_PART = _words(
    "skirt brim skirt/brim prime purge wipe prime-line prime-tower wipe-tower custom support support-interface "
    "support-material support-material-interface"
)
"""`;TYPE:` remarks of what comes off before a part is measured."""
