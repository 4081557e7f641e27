"""Arithmetic over a design's parameters: `outer - 2 * wall`, `min(a, b)`. Nothing else is evaluated."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

MAX_LENGTH = 200

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "sqrt": math.sqrt,
    "sin": lambda degrees: math.sin(math.radians(degrees)),
    "cos": lambda degrees: math.cos(math.radians(degrees)),
    "tan": lambda degrees: math.tan(math.radians(degrees)),
}


class ExpressionError(ValueError):
    """The text is no arithmetic expression over known names, or has no finite value."""


def evaluate(expression: str, names: Mapping[str, Any]) -> float:
    """The value of `expression` with `names` bound; sin, cos and tan take degrees. Raises ExpressionError."""
    if len(expression) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    try:
        value = float(_value(ast.parse(expression, mode="eval").body, names))
    except ExpressionError:
        raise
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{expression!r}: {error}") from error
    if not math.isfinite(value):
        raise ExpressionError(f"{expression!r} has no finite value")
    return value


def _value(node: ast.expr, names: Mapping[str, Any]) -> float:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return float(node.value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return _named(name, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, names), _value(right, names))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand, names))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(argument, names) for argument in args))
    raise ExpressionError(
        f"{ast.unparse(node)!r} is not allowed: numbers, parameters, + - * / % // and {', '.join(_FUNCTIONS)}"
    )


def _named(name: str, names: Mapping[str, Any]) -> float:
    value = names.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError(f"{name!r} is no numeric parameter; known: {', '.join(sorted(names)) or 'none'}")
    return float(value)
