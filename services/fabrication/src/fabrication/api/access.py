"""Who may load a program's content: keys with `artefacts:read`, and the hub that was granted this very download."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from chassis.auth import Authenticator, Principal, Requires, key_hash
from chassis.problems import Forbidden, Unavailable
from fabrication.messages import CheckDownload, DownloadChecked
from messaging.errors import RequestFailed

DOWNLOAD_KEY_PREFIX = "dl_"
_DEADLINE_S = 3.0
_bearer = HTTPBearer(auto_error=False, description="An API key, or a token of POST /orders/v1/token")


class RequiresDownload(Requires):
    """Lets in keys with the scope `artefacts:read` and hands their principal over; a download key that routing vouches
    for, for this program and now, is let in as None. What routing answered is never kept.
    """

    def __init__(self) -> None:
        super().__init__("artefacts:read")

    async def __call__(  # type: ignore[override]
        self, request: Request, given: Annotated[Any, Depends(_bearer)] = None
    ) -> Principal | None:
        if given is not None and given.credentials.startswith(DOWNLOAD_KEY_PREFIX):
            authenticator: Authenticator = request.app.state.authenticator
            if await authenticator.principal(given.credentials) is None:
                await self._check(request, given.credentials)
                return None
        return await super().__call__(request, given)

    async def _check(self, request: Request, key: str) -> None:
        """Raises Forbidden unless routing says that the key's lease may load this program."""
        question = CheckDownload(key_sha256=key_hash(key), program_id=request.path_params["program_id"])
        try:
            checked = await request.app.state.service.mesh.ask(question, DownloadChecked, timeout_s=_DEADLINE_S)
        except RequestFailed as error:
            raise Unavailable(
                "routing-away", "Nobody can say now whether this download is granted; try again."
            ) from error
        if not checked.allowed:
            raise Forbidden("download-not-granted", "This download key is not, or no longer, good for this program.")
