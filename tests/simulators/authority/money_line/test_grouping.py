import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from protocol.money_line import Message, decode, encode
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.money_line.grouping import LARGEST, Grouped
from simulators.authority.money_line.switch import Switch
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority


class Counter:
    """A database whose commits are counted."""

    def __init__(self) -> None:
        self.database = Database()
        self.commits = 0
        event.listen(self.database.engine, "commit", self._committed)

    def _committed(self, _connection: object) -> None:
        self.commits += 1


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def switch(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> tuple[Switch, Kiosk, Kiosk]:
    """A switch with two kiosks that are signed on."""
    authority: Authority = make_authority(Clock(), JIA, YI, database=counter.database)
    kiosks = [Kiosk(authority, name=f"K000000{number}") for number in (1, 2)]
    for kiosk in kiosks:
        kiosk.sign_on()
    counter.commits = 0
    return authority.switch, kiosks[0], kiosks[1]


def request(kiosk: Kiosk, fen: int = 10_000) -> Message:
    return decode(encode(kiosk.sealed(kiosk.cash_request(fen))))


async def test_messages_that_come_together_are_kept_by_one_commit(
    switch: tuple[Switch, Kiosk, Kiosk], counter: Counter
) -> None:
    one, *kiosks = switch
    grouped = Grouped(one.handle_all, one.handle)

    replies = await asyncio.gather(*(grouped.answer(request(kiosk)) for kiosk in kiosks))

    assert [reply.fields[39] for reply in replies if reply] == ["00", "00"]
    assert counter.commits == 1


async def test_together_they_are_answered_as_one_after_the_other(switch: tuple[Switch, Kiosk, Kiosk]) -> None:
    """Two terminals ask for all that one person may draw in a day: one gets it."""
    one, *kiosks = switch
    grouped = Grouped(one.handle_all, one.handle)

    replies = await asyncio.gather(*(grouped.answer(request(kiosk, 500_000)) for kiosk in (*kiosks, kiosks[0])))

    assert sorted(str(reply.fields[39]) for reply in replies if reply) == ["00", "61", "61"]


async def test_no_reply_leaves_before_the_commit(switch: tuple[Switch, Kiosk, Kiosk], counter: Counter) -> None:
    one, kiosk, other = switch
    grouped = Grouped(one.handle_all, one.handle)
    event.listen(counter.database.engine, "commit", _disk_full)

    replies = await asyncio.gather(
        grouped.answer(request(kiosk)), grouped.answer(request(other)), return_exceptions=True
    )

    assert [type(reply) for reply in replies] == [OperationalError, OperationalError]


async def test_one_that_fails_stops_nobody_else() -> None:
    """It is tried once more by itself, for it may have been thrown out for another's sake."""
    messages = [Message("0200", {11: f"{number:06d}"}) for number in range(3)]
    alone: list[Message] = []

    def all_but_one(group: Sequence[Message]) -> list[Message | Exception | None]:
        return [_LOST if message is messages[1] else message for message in group]

    def one(message: Message) -> Message:
        alone.append(message)
        return message

    grouped = Grouped(all_but_one, one)
    assert await asyncio.gather(*map(grouped.answer, messages)) == messages
    assert alone == [messages[1]]


async def test_one_that_fails_and_came_alone_is_tried_once_more_too() -> None:
    message = Message("0400", {})
    grouped = Grouped(lambda _: [_LOST], lambda message: message)

    assert await grouped.answer(message) is message


async def test_a_mistake_in_one_is_told_to_one_only() -> None:
    messages = [Message("0200", {11: f"{number:06d}"}) for number in range(2)]
    grouped = Grouped(lambda group: [KeyError("oops"), *group[1:]], lambda message: message)

    first, second = await asyncio.gather(*map(grouped.answer, messages), return_exceptions=True)
    assert isinstance(first, KeyError)
    assert second is messages[1]


async def test_a_storm_is_cut_into_groups() -> None:
    sizes: list[int] = []

    def note(group: Sequence[Message]) -> Sequence[Message]:
        sizes.append(len(group))
        return group

    grouped = Grouped(note, lambda message: message)
    await asyncio.gather(*(grouped.answer(Message("0200", {})) for _ in range(LARGEST * 2 + 1)))

    assert sizes == [LARGEST, LARGEST, 1]


async def test_a_terminal_that_has_gone_is_not_waited_for() -> None:
    grouped = Grouped(lambda group: list(group), lambda message: message)
    gone = asyncio.ensure_future(grouped.answer(Message("0200", {})))
    stays = asyncio.ensure_future(grouped.answer(Message("0400", {})))
    await asyncio.sleep(0)
    gone.cancel()

    assert (await stays) == Message("0400", {})


_LOST = OperationalError("COMMIT", {}, Exception("deadlock detected"))


def _disk_full(_connection: object) -> None:
    raise OperationalError("COMMIT", {}, Exception("disk full"))
