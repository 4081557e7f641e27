"""Reading what a publisher sends: a form with two fields or files, or JSON with two texts."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from chassis.http import Body
from chassis.problems import TooLarge, Unprocessable

MODEL_LIMIT_BYTES = 256 * 1024
DESIGN_LIMIT_BYTES = 64 * 1024
_LIMITS = {"model": MODEL_LIMIT_BYTES, "design": DESIGN_LIMIT_BYTES}


class Submission(Body):
    """A CadQuery script and its design.toml, as texts."""

    model: str
    design: str


_OBJECT = {
    "type": "object",
    "required": ["model", "design"],
    "properties": {
        "model": {"type": "string", "description": f"the CadQuery script, at most {MODEL_LIMIT_BYTES} bytes of UTF-8"},
        "design": {"type": "string", "description": f"design.toml, at most {DESIGN_LIMIT_BYTES} bytes of UTF-8"},
    },
    "additionalProperties": False,
}
REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": _OBJECT} for name in ("application/json", "multipart/form-data")},
    }
}
"""What OpenAPI says of the body."""


async def read_submission(request: Request) -> Submission:
    """Both texts, within their limits. Raises problems that say what is wrong with the body."""
    await request.body()  # kept by the request, so that an Idempotency-Key can be checked against it afterwards
    given = await (_read_form(request) if _is_form(request) else request.json())
    try:
        submission = Submission.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
    return Submission(model=_bounded("model", submission.model), design=_bounded("design", submission.design))


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def _read_form(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with request.form(max_files=4, max_fields=4, max_part_size=MODEL_LIMIT_BYTES + 1) as form:
        for name, value in form.multi_items():
            if name in found:
                raise Unprocessable("invalid-request", f"body/{name}: it stands there twice")
            found[name] = _decoded(name, await value.read()) if isinstance(value, UploadFile) else value
    return found


def _decoded(name: str, content: bytes) -> str:
    if len(content) > _LIMITS.get(name, DESIGN_LIMIT_BYTES):
        raise _too_large(name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unprocessable("not-utf-8", f"body/{name}: the file is no UTF-8 text: {error.reason}") from error


def _bounded(name: str, text: str) -> str:
    """`text` without a byte order mark, where it is one that a file can hold and PostgreSQL can keep."""
    if len(text.encode(errors="replace")) > _LIMITS[name]:
        raise _too_large(name)
    if any(ord(character) < 32 and character not in "\n\t\r\f" for character in text):
        raise Unprocessable("not-text", f"body/{name}: control characters are not allowed")
    return text.removeprefix("\ufeff")


def _too_large(name: str) -> TooLarge:
    return TooLarge(f"{name}-too-large", f"body/{name}: at most {_LIMITS.get(name, DESIGN_LIMIT_BYTES)} bytes")
