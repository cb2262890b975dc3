"""Rooms of the control door for what happens: a stream of events, and a list that waits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from simulators.bench.door.models import REFUSALS, Events
from simulators.bench.events import EXAMPLE, Event, EventLog, Kind
from simulators.bench.hands import Hands

HEARTBEAT = 15.0
"""Seconds after which a silent stream shows that it is alive; a reader that is gone is found out then."""

Since = Annotated[int, Query(ge=0, description="Only events after this number.")]
Kinds = Annotated[list[Kind] | None, Query(description="Only events of these kinds.")]

_STREAM = {
    200: {
        "description": "Server-Sent Events; `id` is the number, `event` the kind, `data` the event as JSON.",
        "content": {
            "text/event-stream": {
                "example": 'id: 17\nevent: card.at_gate\ndata: {"number": 17, "kind": "card.at_gate"}\n\n',
                "schema": {"type": "string", "examples": [str(EXAMPLE)]},
            }
        },
    }
}


def routes(hands: Hands) -> APIRouter:
    """Events as they happen."""
    router = APIRouter(prefix="/events", tags=["events"], responses=REFUSALS)
    log = hands.log

    @router.get("", summary="Follow events as Server-Sent Events", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
    async def follow(since: Since = 0, last_event_id: Annotated[int | None, Header(ge=0)] = None) -> StreamingResponse:
        asked = since if last_event_id is None else last_event_id
        # A number that was not reached yet comes from an earlier bench at this address.
        return StreamingResponse(_stream(log, asked if asked <= log.last else 0), media_type="text/event-stream")

    @router.get("/log", summary="Events since a number; with `wait`, as soon as there is one")
    async def since_number(
        since: Since = 0,
        kind: Kinds = None,
        device: Annotated[str | None, Query(description="Only events of this device.")] = None,
        wait: Annotated[float, Query(ge=0, le=300, description="Seconds to wait for the first such event.")] = 0.0,
    ) -> Events:
        def wanted(event: Event) -> bool:
            return (kind is None or event.kind in kind) and device in (None, event.device)

        lost = log.lost(since)
        seen, found = since, list[Event]()
        try:
            async with asyncio.timeout(wait):
                while True:
                    found = [event for event in log.since(seen) if wanted(event)]
                    seen = max(log.last, since)
                    if found or not wait or log.closed:
                        break
                    await log.news(seen)
        except TimeoutError:
            pass
        return Events(events=tuple(found), last=seen, lost=lost)

    return router


async def _stream(log: EventLog, number: int) -> AsyncIterator[str]:
    """What a reader gets; it holds no more than the number of the last event it was sent."""
    yield ": events of the bench\n\n"
    while not log.closed or log.last > number:
        if lost := log.lost(number):
            yield f"event: lost\ndata: {lost}\n\n"
        for event in log.since(number)[:100]:
            number = event.number
            yield f"id: {event.number}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"
        try:
            async with asyncio.timeout(HEARTBEAT):
                await log.news(number)
        except TimeoutError:
            yield ": still here\n\n"
