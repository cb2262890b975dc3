"""Serves a control door in the loop of its bench, as long as the bench runs."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from simulators.bench.door.app import control_door, is_loopback
from simulators.bench.hands import Hands

PATIENCE = 2
"""Seconds for requests in progress when the door closes."""


class DoorBlocked(Exception):
    """The door can't be opened there; the message says what would do."""


@contextlib.asynccontextmanager
async def open_door(hands: Hands, host: str, port: int, *, exposed: bool = False) -> AsyncIterator[str]:
    """Serve the door; its URL. Port 0 finds a free one. Ends the event log when it closes. Raises DoorBlocked."""
    if not exposed and not is_loopback(host):
        raise DoorBlocked(
            f"{host} can be reached by other machines, and the door has no password: whoever reaches it can insert "
            "cards, press keys and take notes. Say --expose to allow that, or give a loopback address"
        )
    listening = _listen(host, port)
    names = (socket.gethostname().lower(),) if exposed else ()
    server = _Server(
        uvicorn.Config(
            control_door(hands, names),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    )
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    ready = asyncio.ensure_future(server.ready.wait())
    try:
        await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listening.getsockname()[1]}"
    finally:
        ready.cancel()
        hands.log.close()
        server.should_exit = True
        await serving


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        remedy = "choose another port, or 0 for any" if port else "give an address of this machine"
        raise DoorBlocked(f"can't listen at {host} port {port}: {error.strerror}; {remedy}") from None


class _Server(uvicorn.Server):
    """Tells when it is ready, and leaves signals to whoever runs the bench."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
