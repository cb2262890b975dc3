"""The control door's application: its rooms, its errors, and who is let in.

The door has no password. It is for programs on this machine, so browsers on strange pages are kept out: `Host` must be
an address or `localhost` (a name that somebody made point here is neither), and `Origin` must be the door itself.
"""

import ipaddress
from collections.abc import Collection
from importlib.metadata import version
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.bench.door import card_reader, cash_dispenser, devices, events, faults, pin_pad, receipt_printer
from simulators.bench.door.models import Welcome
from simulators.bench.hands import CantBe, Hands, NotThere
from simulators.world.faults import FaultRefused

LARGEST_BODY = 1 << 20
"""Bytes of a request."""

ABOUT = """\
What a person standing at the bench can do and see, and faults. Nothing here reaches into a device's logic: a card that
is inserted lies in the slot until the device takes it in, keys are pressed whether the pad listens or not.

An act that the world does not allow is answered with 409, a card or cassette that does not exist with 404, a body that
can't be understood with 422; the reply says why, and nothing happened.
"""


def control_door(hands: Hands, names: Collection[str] = ()) -> FastAPI:
    """The application. `names` of this machine are let in beside addresses and localhost."""
    app = FastAPI(title="medteller control door", version=version("medteller"), description=ABOUT)
    app.add_middleware(Doorkeeper, names=frozenset(names))
    for room in (devices, card_reader, pin_pad, cash_dispenser, receipt_printer, faults, events):
        app.include_router(room.routes(hands))
    app.add_exception_handler(CantBe, _cant_be)
    app.add_exception_handler(NotThere, _not_there)
    app.add_exception_handler(FaultRefused, _not_like_this)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _broken)

    @app.get("/", summary="What this door leads to", tags=["bench"])
    async def welcome() -> Welcome:
        return Welcome(name="medteller control door", devices=tuple(hands.hardware.simulated), docs="/docs")

    return app


def is_loopback(host: str) -> bool:
    """Does only this machine reach `host`?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Doorkeeper:
    """Turns away requests that a browser was tricked into, and bodies that are too big."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if (problem := self._objection(headers)) is not None:
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _objection(self, headers: dict[str, str]) -> JSONResponse | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_this_machine(_name_in(f"//{host}")):
            return _problem(421, "Host must be an address or localhost: this door is not for names that point here")
        if origin is not None and urlsplit(origin).netloc != host:
            return _problem(403, "requests from other web pages are not let in")
        if "transfer-encoding" in headers:
            return _problem(411, "say the length of the body")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return _problem(413, f"at most {LARGEST_BODY} bytes")
        return None

    def _is_this_machine(self, name: str) -> bool:
        if name == "localhost" or name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _name_in(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _cant_be(_: Request, error: Exception) -> JSONResponse:
    return _problem(409, str(error))


async def _not_there(_: Request, error: Exception) -> JSONResponse:
    return _problem(404, str(error.args[0]))


async def _not_like_this(_: Request, error: Exception) -> JSONResponse:
    return _problem(422, str(error))


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail))


async def _broken(_: Request, error: Exception) -> JSONResponse:
    """A mistake in medteller; the particulars go to the bench's standard error."""
    return _problem(500, f"the bench has a mistake: {type(error).__name__}; its standard error says where")


async def _not_understood(_: Request, error: Exception) -> JSONResponse:
    """Says where and why, never what was sent: that may be a PIN or a track."""
    assert isinstance(error, RequestValidationError)
    details = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
    return _problem(422, "the request can't be understood; /docs shows an example", *details)


def _problem(status: int, problem: str, *details: str) -> JSONResponse:
    return JSONResponse({"problem": problem, "details": list(details)}, status_code=status)
