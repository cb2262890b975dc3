"""The service line of a campaign: the authority's desk behind the terminal's own client, and what goes wrong between.

No socket, no thread, no web server: a request is read as the application reads it, and answered by the same desk. It
takes place in the life of the terminal's program: whoever dies before the answer has asked, or has not.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import httpx
from pydantic import ValidationError

from protocol.service_line.envelope import InfCode
from simulators.authority.service_line.answers import Given
from simulators.authority.service_line.app import FAMILIES
from simulators.authority.service_line.call import Handler
from simulators.authority.service_line.desk import Desk
from simulators.authority.service_line.refusal import Fault
from simulators.authority.service_line.schemas import request_model
from simulators.bench.host import Host
from simulators.world.fault_options import OneOf, Seconds, Whole
from simulators.world.faults import Ailment

DELAY: Final = 0.04
"""Seconds that a message takes, each way."""

NEVER: Final = 3600.0
"""Seconds of silence after which any terminal has given up."""

BROKEN: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "cut": lambda answer: answer[: len(answer) // 2],
    "empty": lambda _: b"",
    "page": lambda _: "<html>维护中</html>".encode(),
    "list": lambda answer: b"[" + answer + b"]",
    "no_output": lambda _: b'{"infcode": 0}',
    "bytes": lambda answer: b"\xff\xfe" + answer,
}
"""Answers that are none, by what is wrong with them."""


class ServiceLane(httpx.AsyncBaseTransport):
    """Brings requests to the desk of `host`; `fired` hears of each fault, `reachable` says whether the host is there.

    A fault waits for the next request, and strikes so many in a row: a terminal asks once more.
    """

    def __init__(self, host: Host, reachable: Callable[[], bool], fired: Callable[[str], None]) -> None:
        self._host = host
        self._reachable = reachable
        self._fired = fired
        self._desk: Desk | None = None
        self._waiting: list[tuple[str, Mapping[str, Any]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, one response."""
        if not self._reachable():
            raise httpx.ConnectError("connection refused", request=request)
        await asyncio.sleep(DELAY)
        fault, how = self._waiting.pop(0) if self._waiting else ("", {})
        if fault:
            self._fired(fault)
        if fault == "D19":
            await asyncio.sleep(NEVER)
        if fault == "D20":
            return httpx.Response(how["status"], text="the service line is being mended")
        given = self._answer(request)
        if fault == "D23":
            await asyncio.sleep(NEVER)
        await asyncio.sleep(how["seconds"] if fault == "D21" else DELAY)
        answer = json.dumps(given.content, ensure_ascii=False).encode()
        return httpx.Response(given.status, content=BROKEN[how["how"]](answer) if fault == "D22" else answer)

    def heal(self) -> None:
        """It works."""
        self._waiting.clear()

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def wait(fault: str, requests: int, **how: object) -> None:
            self._waiting += [(fault, how)] * requests

        def silent(requests: int = 2) -> None:
            wait("D19", requests)

        def error(requests: int = 2, status: int = 503) -> None:
            wait("D20", requests, status=status)

        def slow(requests: int = 1, seconds: float = 8.0) -> None:
            wait("D21", requests, seconds=seconds)

        def broken(requests: int = 2, how: str = "cut") -> None:
            wait("D22", requests, how=how)

        def lost(requests: int = 1) -> None:
            wait("D23", requests)

        requests = Whole(1, 100, usual=3)
        return {
            "D19": Ailment(silent, limits={"requests": requests}),
            "D20": Ailment(error, limits={"requests": requests, "status": OneOf((500, 502, 503, 404))}),
            "D21": Ailment(slow, limits={"requests": requests, "seconds": Seconds(600, usual=20)}),
            "D22": Ailment(broken, limits={"requests": requests, "how": OneOf(tuple(BROKEN))}),
            "D23": Ailment(lost, limits={"requests": requests}),
        }

    def _answer(self, request: httpx.Request) -> Given:
        self._desk = desk = self._desk or Desk(self._host.rooms)
        handler = _handlers()[request.url.path.removeprefix("/service/")]
        raw = json.loads(request.content)
        try:
            envelope = request_model(handler.service).model_validate(raw)
        except ValidationError:
            return desk.fault(InfCode.MALFORMED, Fault.MALFORMED)
        return desk.answer(handler, envelope, raw)


@cache
def _handlers() -> Mapping[str, Handler[Any, Any]]:
    return {handler.service.infno: handler for family in FAMILIES for handler in family}
