"""The service line of a bench: the authority's application in the bench's own time, without sockets or threads."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from simulators.bench.file import BenchFile
from simulators.bench.host import Host
from simulators.bench.site import SERVICE_URL
from terminal.journal import Journal
from terminal.service_line import ServiceLine, ServiceLineSettings

REPLY_TIMEOUT: Final = 10.0
"""Seconds."""


class ServiceDoor(httpx.AsyncBaseTransport):
    """Brings requests to the application of `host`. While `down` nobody answers."""

    def __init__(self, host: Host) -> None:
        self.down = False
        self._host = host
        self._transport: httpx.ASGITransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, one response."""
        if self.down:
            raise httpx.ConnectError("the service line is down", request=request)
        if self._transport is None:
            self._transport = httpx.ASGITransport(app=self._host.service, raise_app_exceptions=False)
        return await self._transport.handle_async_request(request)


def service_line(
    door: httpx.AsyncBaseTransport, host: Host, file: BenchFile, journal: Journal, now: Callable[[], datetime]
) -> ServiceLine:
    """The terminal's end of it."""
    settings = ServiceLineSettings(
        terminal=file.kiosk.terminal,
        region=file.kiosk.region,
        institution=file.kiosk.merchant[:12].upper(),
        reply_timeout=REPLY_TIMEOUT,
        key=host.channel_key(file),
    )
    return ServiceLine(httpx.AsyncClient(transport=door, base_url=SERVICE_URL), journal, settings, now)
