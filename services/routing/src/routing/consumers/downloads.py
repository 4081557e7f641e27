"""Fabrication asks whether a download key is good."""

from __future__ import annotations

import asyncio
import contextlib

from nats.errors import Error as NatsError

from chassis.service import Runtime
from messaging.requests import serve
from routing.messages.heard import CheckDownload, DownloadChecked, download_checked
from routing.settings import RoutingSettings
from routing.usecases.check_download import check_download

_AT_ONCE = 4


class DownloadDesk:
    """Answers CheckDownload."""

    def __init__(self, runtime: Runtime[RoutingSettings]) -> None:
        self._runtime = runtime

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set."""
        subscription = await serve(
            self._runtime.nats, CheckDownload, self._answer, service=self._runtime.name, at_once=_AT_ONCE
        )
        await stop.wait()
        with contextlib.suppress(NatsError, OSError):
            await subscription.unsubscribe()

    async def _answer(self, question: CheckDownload) -> DownloadChecked:
        async with self._runtime.units.read() as session:
            return download_checked(await check_download(question.key_sha256, question.program_id, session))
