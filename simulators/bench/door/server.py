"""Serves a control door in the loop of its bench, as long as the bench runs."""

import contextlib
import socket
from collections.abc import AsyncIterator

from simulators.bench.door.app import control_door, is_loopback
from simulators.bench.hands import Hands
from simulators.http_server import CantListen, http_server


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
    names = (socket.gethostname().lower(),) if exposed else ()
    try:
        async with http_server(control_door(hands, names), host, port) as url:
            try:
                yield url
            finally:
                hands.log.close()
    except CantListen as error:
        raise DoorBlocked(str(error)) from None
