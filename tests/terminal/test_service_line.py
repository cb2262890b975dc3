"""The service line from the kiosk's side, in front of the authority's own application, in virtual time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from protocol.service_line import information
from protocol.service_line.information import ChannelInput, ChannelOutput, RatingInput
from simulators.authority.tables.service_line import ratings
from simulators.bench.file import load_bench
from simulators.bench.host import Host
from simulators.bench.service import ServiceDoor, service_line
from simulators.bench.site import SERVICE_URL as URL
from simulators.world.virtual_time import World
from terminal.journal import Entry, Journal
from terminal.service_line import NoService, Refused, ServiceLine
from tests.terminal.money_host import START

FILE = load_bench()


class Stand:
    """A journal, an authority, and a service line between them."""

    def __init__(self, folder: Path) -> None:
        self.world = World(1, START)
        self.host = Host(self.world)
        self.door = ServiceDoor(self.host)
        self.journal = Journal(folder / "journal.db", self.world.now)
        self.line = service_line(self.door, self.host, FILE, self.journal, self.world.now)

    def restarted(self, slow: float = 0.0) -> ServiceLine:
        """The next program; its clock is `slow` seconds behind."""

        def now() -> datetime:
            return self.world.now() - timedelta(seconds=slow)

        return service_line(self.door, self.host, FILE, self.journal, now)

    def through(self, handler: Callable[[httpx.Request], httpx.Response]) -> ServiceLine:
        client = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url=URL)
        return ServiceLine(client, self.journal, self.line._settings, self.world.now)

    def records(self, kind: Entry) -> list[dict[str, object]]:
        return [dict(record.data) for record in self.journal.records(kind)]


@pytest.fixture
async def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


async def test_a_question_is_answered_after_a_sign_on(stand: Stand) -> None:
    answer = await stand.line.ask(information.CHANNELS, ChannelInput())

    assert isinstance(answer, ChannelOutput)
    assert [channel.id for channel in answer.channels] == [FILE.kiosk.terminal]
    assert stand.records(Entry.SERVICE_REQUEST) == [], "a question that writes nothing needs no record"


async def test_what_writes_is_on_record_before_it_leaves_and_its_end_after_it(stand: Stand) -> None:
    await stand.line.ask(information.RATE, RatingInput(stars=5), visit="visit-000001")

    (request,), (answer,) = stand.records(Entry.SERVICE_REQUEST), stand.records(Entry.SERVICE_ANSWER)
    assert request["infno"] == "8405"
    assert answer == request | {"ended": "done"}


async def test_message_ids_are_never_used_twice_not_by_the_next_program_and_not_after_the_clock_was_put_back(
    stand: Stand,
) -> None:
    for slow in (0.0, 0.0, 300.0):
        line = stand.restarted(slow)
        for _ in range(3):
            await line.ask(information.RATE, RatingInput(stars=3))

    named = [(record["at"], record["serial"]) for record in stand.records(Entry.SERVICE_REQUEST)]
    assert len(set(named)) == 9
    assert [record["ended"] for record in stand.records(Entry.SERVICE_ANSWER)] == ["done"] * 9


async def test_a_line_that_is_down_is_told_as_such_and_raises_nothing(stand: Stand) -> None:
    stand.door.down = True

    assert isinstance(await stand.line.ask(information.CHANNELS, ChannelInput()), NoService)

    stand.door.down = False
    assert isinstance(await stand.line.ask(information.CHANNELS, ChannelInput()), ChannelOutput)


async def test_a_write_whose_answer_was_lost_is_sent_again_with_the_same_id(stand: Stand) -> None:
    app = httpx.ASGITransport(app=stand.host.service)
    sent: list[str] = []

    class Lossy(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await app.handle_async_request(request)
            if request.url.path.endswith("8405"):
                sent.append(request.content.decode())
                if len(sent) == 1:
                    raise httpx.ReadError("the answer is lost")
            return response

    line = ServiceLine(
        httpx.AsyncClient(transport=Lossy(), base_url=URL), stand.journal, stand.line._settings, stand.world.now
    )

    answer = await line.ask(information.RATE, RatingInput(stars=4))

    assert isinstance(answer, information.Done)
    assert len(sent) == 2
    assert sent[0].split('"msgid":')[1][:34] == sent[1].split('"msgid":')[1][:34]
    with stand.host.database.transaction() as connection:
        assert len(connection.execute(ratings.select()).all()) == 1, "done once"


async def test_an_authority_that_never_answers_is_given_up(stand: Stand) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    line = ServiceLine(
        httpx.AsyncClient(transport=httpx.MockTransport(never), base_url=URL),
        stand.journal,
        stand.line._settings,
        stand.world.now,
    )

    assert await line.ask(information.CHANNELS, ChannelInput()) == NoService("no answer in time")


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"infcode": 0}', b'{"infcode": 7}'])
async def test_an_answer_that_is_none_is_no_service(stand: Stand, body: bytes) -> None:
    line = stand.through(lambda _: httpx.Response(200, content=body))

    assert isinstance(await line.ask(information.CHANNELS, ChannelInput()), NoService)


async def test_a_channel_that_is_not_official_any_more_gets_no_service(stand: Stand) -> None:
    settings = replace(stand.line._settings, key=bytes(32))
    line = ServiceLine(httpx.AsyncClient(transport=stand.door, base_url=URL), stand.journal, settings, stand.world.now)

    answer = await line.ask(information.CHANNELS, ChannelInput())

    assert isinstance(answer, NoService)
    assert "wrong_signature" in answer.cause


async def test_a_session_that_is_over_begins_anew(stand: Stand) -> None:
    await stand.line.ask(information.CHANNELS, ChannelInput())
    stand.line._sign_no = "2" * 30

    assert isinstance(await stand.line.ask(information.CHANNELS, ChannelInput()), ChannelOutput)


async def test_the_key_is_in_no_repr(stand: Stand) -> None:
    assert "key" not in repr(stand.line._settings)
    assert stand.line._settings.key.hex() not in repr(stand.line._settings)
    assert Refused(()).reasons == ()
