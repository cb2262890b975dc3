"""The event log, and what it is told about a bench."""

import asyncio

import pytest

from simulators.bench.events import Event, EventLog, Kind, Watch
from simulators.bench.file import load_bench
from simulators.bench.hands import Hands
from simulators.bench.hardware import Hardware
from simulators.world.custody import Note
from simulators.world.people import load_people


def log(kept: int = 100) -> EventLog:
    return EventLog(lambda: "2026-11-23T09:00:00.000+08:00", kept)


def note(log: EventLog, times: int = 1) -> None:
    for _ in range(times):
        log.note(Kind.HANDS, "pin_pad", "something")


def test_events_are_numbered_from_one_and_asked_for_by_number() -> None:
    events = log()
    note(events, 3)

    assert [event.number for event in events.since(0)] == [1, 2, 3]
    assert [event.number for event in events.since(2)] == [3]
    assert events.since(3) == events.since(99) == []


def test_a_reader_that_is_too_slow_is_told_how_much_it_lost() -> None:
    events = log(kept=10)
    note(events, 25)

    assert [event.number for event in events.since(0)] == list(range(16, 26))
    assert (events.lost(0), events.lost(14), events.lost(15), events.lost(25)) == (15, 1, 0, 0)


async def test_a_reader_waits_for_news_and_every_reader_gets_all() -> None:
    events = log()
    note(events)

    async def read() -> list[int]:
        return [event.number async for event in events.follow()]

    readers = [asyncio.ensure_future(read()) for _ in range(3)]
    await asyncio.sleep(1)
    note(events, 2)
    await asyncio.sleep(1)
    events.close()

    assert [await reader for reader in readers] == [[1, 2, 3]] * 3


async def test_a_reader_that_vanished_leaves_nothing_behind() -> None:
    events = log()
    reader = asyncio.ensure_future(events.news(0))
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    note(events, 2)

    assert events.last == 2


@pytest.fixture
async def watched() -> tuple[Hands, EventLog]:
    hardware = Hardware(load_bench(), seed=1)
    events = log(10_000)
    Watch(hardware, events)
    return Hands(hardware, events, load_people()), events


def told(events: EventLog, kind: Kind) -> list[Event]:
    return [event for event in events.since(0) if event.kind is kind]


async def test_notes_of_staff_are_told_as_one_act(watched: tuple[Hands, EventLog]) -> None:
    hands, events = watched
    hands.refill_cassette(1, 100, 5_000)

    assert told(events, Kind.NOTE_MOVED) == []
    assert [event.words for event in told(events, Kind.HANDS)] == [
        "5000 notes of 100 yuan are laid into cassette 1",
    ]
    assert hands.inventory().problem == ""


async def test_a_counter_that_counts_is_no_event_and_a_word_that_changes_is(watched: tuple[Hands, EventLog]) -> None:
    hands, events = watched
    hands.load_paper(4_999)
    hands.load_paper(100)

    assert [event.data["after"] for event in told(events, Kind.CHANGED)] == ["100 lines, near end"]


async def test_a_note_that_came_from_nowhere_is_found_out(watched: tuple[Hands, EventLog]) -> None:
    hands, _ = watched
    hands.hardware.custody.put("pocket", [Note(100, "false")])

    assert hands.inventory().problem == "400 notes were put into this world, 401 are in it"
