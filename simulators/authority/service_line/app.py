"""The service line's application: one path for each number, its schemas, its errors, and the size of what it reads."""

import asyncio
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi import Request as HttpRequest
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from protocol.service_line.envelope import InfCode
from simulators.authority.service_line.answers import Given
from simulators.authority.service_line.call import Handler
from simulators.authority.service_line.desk import Desk
from simulators.authority.service_line.families import (
    applications,
    audit,
    books,
    cards,
    figures,
    information,
    invoices,
    life_events,
    notices,
    payouts,
    people,
    policy,
    restraints,
    review,
    sessions,
    supervision,
    supervision_cases,
    withdrawals,
)
from simulators.authority.service_line.refusal import Fault, Problem, refused
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.service_line.schemas import about, answers, request_model

LARGEST_BODY = 256 * 1024
LARGEST_DOCUMENT = 8 * 1024 * 1024
"""Bytes of a request; documents come with 9101."""

DOCUMENTS = "/service/9101"

ABOUT = """\
Applications, status, policies, invoices, loss reports and history, between channels and the authority. This simulates a
service that the law does not generally allow; regions and figures are invented.

Every request and answer is in the envelope of the national platform. `infcode` is 0 when it was done, -1 when it was
refused (`output.reasons` lists every reason), -2 when the request is malformed, -3 when the caller must sign on (9001).
What writes is done once for each `msgid` of a caller: the same request again is given the same answer.
"""

FAMILIES: Sequence[Sequence[Handler[Any, Any]]] = (
    sessions.HANDLERS,
    policy.HANDLERS,
    people.HANDLERS,
    applications.HANDLERS,
    review.HANDLERS,
    payouts.HANDLERS,
    withdrawals.HANDLERS,
    invoices.HANDLERS,
    cards.HANDLERS,
    restraints.HANDLERS,
    life_events.HANDLERS,
    information.HANDLERS,
    notices.HANDLERS,
    supervision.HANDLERS,
    supervision_cases.HANDLERS,
    figures.HANDLERS,
    audit.HANDLERS,
    books.HANDLERS,
)


def create_app(rooms: Rooms) -> FastAPI:
    """The application over these rooms. It keeps nothing between requests."""
    desk = Desk(rooms)
    app = _Application(title="medteller service line", version=version("medteller"), description=ABOUT)
    app.state.desk = desk
    app.add_middleware(Doorkeeper, desk=desk)
    app.router.routes.extend(_numbers().routes)

    async def description(_: HttpRequest) -> JSONResponse:
        """Made at the first asking, which takes seconds: both lines go on meanwhile."""
        return JSONResponse(await asyncio.to_thread(app.openapi))

    app.router.routes.insert(0, Route("/openapi.json", description, include_in_schema=False))

    async def not_understood(_: HttpRequest, error: Exception) -> JSONResponse:
        """Says where and why, never what was sent."""
        assert isinstance(error, RequestValidationError)
        wrong = [Problem(Fault.MALFORMED, _place(found["loc"]), value=str(found["type"])) for found in error.errors()]
        return _sent(desk.faults(InfCode.MALFORMED, wrong[:20]))

    async def no_such_page(_: HttpRequest, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        key = Fault.NO_SUCH_PAGE if error.status_code in (404, 405) else Fault.MALFORMED
        answer = desk.fault(InfCode.MALFORMED, key)
        return JSONResponse(answer.content, status_code=error.status_code, headers=error.headers)

    async def broken(_: HttpRequest, error: Exception) -> JSONResponse:
        """A mistake of the authority; the particulars go to its standard error."""
        return JSONResponse(desk.refusal(refused("system_error")).content, status_code=500)

    app.add_exception_handler(RequestValidationError, not_understood)
    app.add_exception_handler(HTTPException, no_such_page)
    app.add_exception_handler(Exception, broken)
    return app


class _Application(FastAPI):
    """Serves numbers without the schemas of their answers, which only its description needs."""

    def openapi(self) -> dict[str, Any]:
        """The description, with every answer there can be."""
        if self.openapi_schema is None:
            described = FastAPI(title=self.title, version=self.version, description=self.description)
            described.router.routes.extend(_numbers(described=True).routes)
            self.openapi_schema = described.openapi()
        return self.openapi_schema


class Doorkeeper:
    """Turns away bodies that are too big before they are read."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if (problem := self._objection(scope["path"], headers)) is not None:
                await problem(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _objection(self, path: str, headers: dict[str, str]) -> JSONResponse | None:
        if "transfer-encoding" in headers:
            return self._problem(411, Fault.LENGTH_MISSING)
        length = headers.get("content-length", "0")
        largest = LARGEST_DOCUMENT if path == DOCUMENTS else LARGEST_BODY
        if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > largest:
            return self._problem(413, Fault.TOO_BIG)
        return None

    def _problem(self, status: int, fault: Fault) -> JSONResponse:
        return JSONResponse(self._desk.fault(InfCode.MALFORMED, fault).content, status_code=status)


@cache
def _numbers(*, described: bool = False) -> APIRouter:
    """One path for each number, for every application of the process: making their schemas takes long."""
    router = APIRouter()
    for handler in sorted((each for family in FAMILIES for each in family), key=lambda handler: handler.service.infno):
        _add(router, handler, answers(handler.service) if described else {})
    return router


def _add(router: APIRouter, handler: Handler[Any, Any], responses: dict[int | str, dict[str, Any]]) -> None:
    service = handler.service
    model: Any = request_model(service)

    @router.post(
        f"/service/{service.infno}",
        summary=f"{service.infno} {service.zh}: {service.en}",
        description=about(service),
        tags=[service.family],
        operation_id=f"service_{service.infno}",
        responses=responses,
        response_class=JSONResponse,
    )
    async def ask(http: HttpRequest, envelope: model) -> JSONResponse:
        desk: Desk = http.app.state.desk
        return _sent(desk.answer(handler, envelope, await http.json()))


def _sent(given: Given) -> JSONResponse:
    return JSONResponse(given.content, status_code=given.status)


def _place(loc: Sequence[int | str]) -> str:
    """Where in the envelope."""
    return ".".join(str(part) for part in loc if part != "body") or "body"
