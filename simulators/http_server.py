"""Serves an HTTP application in the loop of whoever runs it, as long as that one wants."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

PATIENCE = 2
"""Seconds for requests in progress when it ends."""


class CantListen(Exception):
    """Nobody can listen there; the message says what would do."""


@contextlib.asynccontextmanager
async def http_server(
    app: ASGIApp, host: str, port: int, *, certificate: Path | None = None, key: Path | None = None
) -> AsyncIterator[str]:
    """Serve; the URL. Port 0 finds a free one. HTTPS with a certificate and its key (PEM). Raises CantListen."""
    listening = listen(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=PATIENCE,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    ready = asyncio.ensure_future(server.ready.wait())
    try:
        await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://{shown(host)}:{listening.getsockname()[1]}"
    finally:
        ready.cancel()
        server.should_exit = True
        await serving


def shown(host: str) -> str:
    """A host as URLs write it."""
    return f"[{host}]" if ":" in host else host


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CantListen."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "choose another port, or 0 for any" if port else "give an address of this machine"
        raise CantListen(f"can't listen at {host} port {port}: {error.strerror}; {remedy}") from None


class _Server(uvicorn.Server):
    """Tells when it is ready, and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
