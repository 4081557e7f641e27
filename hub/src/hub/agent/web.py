"""The two things an agent asks of the public API: its enrolment and programs. Blocking; run in a thread.

Redirects are not followed (a key would go with them), and only http and https are spoken.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.errors import DownloadFailed, DownloadForbidden, EnrolmentRefused, ProgramUnusable, Unreachable

_SOCKET_S = 10.0
_PIECE_BYTES = 256 * 1024
_ANSWER_BYTES = 1024 * 1024
_LATER = (408, 425, 429)
_FORBIDDEN = (401, 403, 404, 410)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def post_json(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a POST. Raises EnrolmentRefused for a no, Unreachable for anything worth a retry."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - see _open
    try:
        with _open(request) as response:
            answer = json.loads(response.read(_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        reason = _problem(error)
        if error.code >= 500 or error.code in _LATER:
            raise Unreachable(f"{url}: {error.code} {reason}") from error
        raise EnrolmentRefused(f"{url}: {error.code} {reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error
    if not isinstance(answer, dict):
        raise Unreachable(f"{url}: the answer is no object")
    return answer


def download(url: str, key: str, target: Path, *, sha256: str, max_bytes: int) -> None:
    """Write what `url` has to `target`, if it is what it should be.

    Raises DownloadForbidden when the key is not good for it, ProgramUnusable when something else comes, DownloadFailed
    for anything worth a retry.
    """
    digest, size = hashlib.sha256(), 0
    try:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - see _open
        with _open(request) as response, target.open("wb") as file:
            while piece := response.read(_PIECE_BYTES):
                size += len(piece)
                if size > max_bytes:
                    raise ProgramUnusable(f"more than {max_bytes} bytes")
                digest.update(piece)
                file.write(piece)
            if response.length:
                raise DownloadFailed(f"cut off, {response.length} bytes before the end")
    except urllib.error.HTTPError as error:
        kind = DownloadForbidden if error.code in _FORBIDDEN else DownloadFailed
        raise kind(f"{error.code} {_problem(error)}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadFailed(str(error) or type(error).__name__) from error
    if digest.hexdigest() != sha256:
        raise ProgramUnusable(f"sha256 is {digest.hexdigest()[:12]}…, {sha256[:12]}… was promised ({size} bytes)")


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    address = urlsplit(request.full_url)
    if address.scheme not in ("http", "https"):
        raise ValueError(f"{address.scheme}: is not spoken")
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if address.hostname in ("127.0.0.1", "localhost", "::1"):
        handlers.append(urllib.request.ProxyHandler({}))
    response = urllib.request.build_opener(*handlers).open(request, timeout=_SOCKET_S)
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _problem(error: urllib.error.HTTPError) -> str:
    """What an RFC 9457 problem says, or the status line."""
    try:
        problem = json.loads(error.read(_ANSWER_BYTES))
        return str(problem.get("detail") or problem.get("title") or error.reason)
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return str(error.reason)
