"""The words of a program line.

Written as slicers write it (`G1 X10 Y2.5 E0.4 F1800`), a line is split at its blanks; anything else that controllers
take (`g1x10y2`, `N12 G01 X1*71`, `(remark)`) goes the slower way through `untangle`.
"""

from __future__ import annotations

import re

from hub.simulator.faults import ProgramFault

_WORD = re.compile(r"([A-Za-z])\s*([-+]?(?:\d+\.?\d*|\.\d+))?")
_MACRO = re.compile(r"[A-Za-z_][A-Za-z_0-9]*$")
_REMARK = re.compile(r"\([^)]*\)")
_NUMBERED = re.compile(r"^[Nn]\d+\s*")


def numbers(args: list[str]) -> dict[str, float]:
    """The letters of a command and their values; a letter alone counts as 0. Raises ProgramFault."""
    try:
        return {each[0]: float(each[1:] or 0) for each in args}
    except ValueError as error:
        raise ProgramFault("malformed-line", str(error)) from error


def assignments(args: list[str]) -> dict[str, str]:
    """`BED=60 EXTRUDER=215` of a Klipper macro, names in upper case."""
    pairs = (each.partition("=") for each in args)
    return {name.upper(): value for name, _, value in pairs}


def untangle(code: str) -> list[str]:
    """The words of a line not written with blanks: its command first, in its plain spelling; empty for none."""
    code = _NUMBERED.sub("", _REMARK.sub("", code)).partition("*")[0].strip()
    if not code:
        return []
    first = code.split(maxsplit=1)[0]
    if _MACRO.match(first) and not re.match(r"[A-Za-z]\d", first):
        return [first.upper(), *code.split()[1:]]
    words = [letter.upper() + (value or "") for letter, value in _WORD.findall(code)]
    if words:
        words[0] = plain_name(words[0])
    return words


def plain_name(word: str) -> str:
    """`G01` → `G1`; `G92.0` → `G92`."""
    letter, number = word[0], word[1:]
    try:
        value = float(number)
    except ValueError:
        return word
    return f"{letter}{value:g}"
