"""Run somebody's script by CQGI and keep the solid: the one job that runs code which is not ours.

Whatever this job says is the script's word; the solid it leaves is measured again in another process.
"""

import io
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import cadquery
from cadquery import cqgi

from fabrication.cad.answers import BuildOutcome
from fabrication.cad.protocol import Refusal
from fabrication.domain.errors import CadRefused
from fabrication.domain.facts import DeclaredParameter, ParameterType, ParameterValue

MAX_BODIES = 200
MESSAGE_CHARACTERS = 500

_gateway: Any = cqgi  # it has no annotations

_TYPES: dict[type, ParameterType] = {
    cqgi.NumberParameterType: "number",
    cqgi.StringParameterType: "string",
    cqgi.BooleanParameterType: "boolean",
    cqgi.TupleParameterType: "tuple",
}


def build_model(script: bytes, arguments: Mapping[str, Any], keep: Callable[[bytes], None]) -> BuildOutcome:
    """Build the script with `arguments["parameters"]`, hand its solids' BREP to `keep`.

    Raises CadRefused (script-error) only where nothing of the script can be read.
    """
    model = _parse(script)
    declared = tuple(_declared(parameter) for parameter in model.metadata.parameters.values())
    try:
        solids = _solids(_run(model, declared, arguments["parameters"]))
        brep = io.BytesIO()
        cadquery.Compound.makeCompound(solids).exportBrep(brep)
        keep(brep.getvalue())
    except CadRefused as refused:
        return BuildOutcome(declared, Refusal(refused.code, refused.message, refused.findings))
    return BuildOutcome(declared, None)


def _parse(script: bytes) -> Any:
    try:
        return _gateway.CQModel(script.decode("utf-8"))
    except SyntaxError as fault:
        raise CadRefused("script-error", f"line {fault.lineno}: {fault.msg}") from None
    except (ValueError, RecursionError) as fault:
        raise CadRefused("script-error", f"the script cannot be read: {_told(fault)}") from None


def _declared(parameter: Any) -> DeclaredParameter:
    return DeclaredParameter(
        str(parameter.name), _TYPES[parameter.varType], parameter.default_value, str(parameter.desc or "")
    )


def _run(model: Any, declared: Iterable[DeclaredParameter], wanted: Mapping[str, ParameterValue]) -> list[Any]:
    known = {parameter.name: parameter for parameter in declared}
    values = {}
    for name, value in wanted.items():
        if name not in known:
            raise CadRefused("unknown-parameter", f"the script declares no parameter {name!r}")
        values[name] = _fitting(known[name], value)
    try:
        result = model.build(build_parameters=values)
    except BaseException as fault:  # noqa: BLE001  # the script may raise SystemExit or worse; this process ends after it
        raise CadRefused("script-error", f"the script ended with {_told(fault)}") from None
    if result.exception is not None:
        raise _refusal(result.exception)
    return [shown.shape for shown in result.results]


def _fitting(parameter: DeclaredParameter, value: Any) -> ParameterValue:
    """The value as the script's own literal has it; an int stays one, so that it still counts and indexes."""
    kinds: dict[ParameterType, tuple[type, ...]] = {
        "number": (int, float),
        "string": (str,),
        "boolean": (bool,),
        "tuple": (list, tuple),
    }
    if not isinstance(value, kinds[parameter.type]) or (isinstance(value, bool) and parameter.type != "boolean"):
        raise CadRefused("invalid-parameter", f"{parameter.name} is a {parameter.type}; {value!r} is none")
    if isinstance(value, float) and not math.isfinite(value):
        raise CadRefused("invalid-parameter", f"{parameter.name} is not a finite number")
    if isinstance(value, float) and isinstance(parameter.default, int) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return tuple(value)
    return cast("ParameterValue", value)


def _refusal(fault: BaseException) -> CadRefused:
    if isinstance(fault, MemoryError) or "Standard_OutOfMemory" in type(fault).__name__:
        return CadRefused("memory", "the script takes more memory than a job may have")
    return CadRefused("script-error", f"{_line(fault)}{_told(fault)}")


def _told(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"[:MESSAGE_CHARACTERS]


def _line(fault: BaseException) -> str:
    trace, line = fault.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == cqgi.CQSCRIPT:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}: " if line else ""


def _solids(shown: list[Any]) -> list[cadquery.Solid]:
    if not shown:
        raise CadRefused("no-shape", "the script shows nothing: it must call show_object")
    shapes = [shape for item in shown for shape in _shapes(item)]
    solids = [solid for shape in shapes for solid in shape.Solids()]
    if not solids:
        kinds = ", ".join(sorted({shape.ShapeType() for shape in shapes})) or "nothing"
        raise CadRefused("no-solid", f"the script shows {kinds}, not a solid")
    if len(solids) > MAX_BODIES:
        raise CadRefused("too-many-bodies", f"the script shows {len(solids)} bodies; {MAX_BODIES} are allowed")
    return solids


def _shapes(item: Any) -> list[cadquery.Shape]:
    if isinstance(item, cadquery.Assembly):
        return [item.toCompound()]
    if isinstance(item, cadquery.Workplane):
        return [value for value in item.vals() if isinstance(value, cadquery.Shape)]
    if isinstance(item, cadquery.Shape):
        return [item]
    if isinstance(item, list | tuple):
        return [shape for entry in item for shape in _shapes(entry)]
    raise CadRefused("no-solid", f"the script shows a {type(item).__name__}, not a solid")
