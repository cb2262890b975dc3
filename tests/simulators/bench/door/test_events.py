"""Following events over the control door: streams, waiting, readers that vanish."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.simulators.bench.door.standing import Standing, standing

pytestmark = pytest.mark.real_time


async def streamed(stream: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """The events of a stream as a browser sees them."""
    event: dict[str, str] = {}
    async for line in stream.aiter_lines():
        name, _, value = line.partition(": ")
        if name:
            event[name] = value
        elif event:
            yield event
            event = {}


async def first(stream: httpx.Response, number: int) -> list[dict[str, str]]:
    """The first events of a stream."""
    found = []
    async for event in streamed(stream):
        found.append(event)
        if len(found) == number:
            break
    return found


def act(bench: Standing, times: int = 1) -> None:
    for _ in range(times):
        bench.hands.open_cover(is_open=True)
        bench.hands.open_cover(is_open=False)


async def test_a_stream_tells_what_was_and_what_comes(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        act(bench)
        async with bench.door.stream("GET", "/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            reading = asyncio.ensure_future(first(stream, 8))
            act(bench)
            events = await reading

    assert [event["id"] for event in events] == [str(number) for number in range(1, 9)]
    assert {event["event"] for event in events} == {"hands", "changed"}
    assert json.loads(events[1]["data"])["words"] == "the cover is opened"


async def test_a_reader_that_comes_back_goes_on_where_it_was(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        act(bench)
        for headers, path, expected in (
            ({"Last-Event-ID": "3"}, "/events", "4"),
            ({}, "/events?since=2", "3"),
            ({"Last-Event-ID": "999"}, "/events", "1"),  # a number of an earlier bench at this address
        ):
            async with bench.door.stream("GET", path, headers=headers) as stream:
                (event,) = await first(stream, 1)
                assert event["id"] == expected


async def test_readers_that_vanish_or_never_read_hurt_nobody(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        host, port = "127.0.0.1", httpx.URL(bench.url).port
        idle = [await asyncio.open_connection(host, port) for _ in range(5)]
        for _, writer in idle:
            writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        act(bench, 5_000)
        for _, writer in idle[:3]:
            writer.transport.abort()

        log = await bench.send("GET", "/events/log?since=0")
        assert (len(log["events"]), log["lost"], log["last"]) == (10_000, 10_000, 20_000)
        async with bench.door.stream("GET", "/events") as stream:
            lost, event = await first(stream, 2)
        assert (lost["event"], lost["data"]) == ("lost", "10000")
        assert event["id"] == "10001"
        for _, writer in idle[3:]:
            writer.close()


async def test_waiting_ends_with_the_event_or_with_the_time(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        waiting = asyncio.ensure_future(bench.event("power"))
        act(bench)
        await bench.send("PUT", "/devices/pin_pad/power", on=False)
        assert (await waiting)["data"] == {"on": False}

        nothing = await bench.send("GET", "/events/log?kind=card.taken&wait=0.05")
        assert (nothing["events"], nothing["last"]) == ([], bench.log.last)
        assert (await bench.send("GET", "/events/log?device=pin_pad&kind=power"))["events"][0]["device"] == "pin_pad"
        assert "can't be understood" in await bench.refused(422, "GET", "/events/log?kind=gossip")
