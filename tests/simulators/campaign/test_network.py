"""What the network of a campaign does to messages about money, on messages as the product writes them."""

import asyncio
from collections.abc import Iterable

import pytest

from protocol.money_line import Message, ResponseCode, decode, encode
from simulators.campaign.network import REPLY, REQUEST, End, Network
from simulators.world.line import LineEnd

ASKED = encode(Message("0200", {3: "010000", 4: "000000050000", 11: "000007", 41: "44030001"}))


def answer(code: str, stan: str = "000007", amount: str = "000000050000") -> bytes:
    """The host's to a request for cash."""
    return encode(Message("0210", {3: "010000", 4: amount, 11: stan, 39: code, 41: "44030001"}))


QUOTED = encode(Message("0210", {3: "310000", 11: "000006", 39: "00", 41: "44030001"}))
REFUSED, APPROVED = answer("61"), answer("00")


class Talk:
    """A terminal that calls, and a host that answers each message with the next of `answers`."""

    def __init__(self, *answers: bytes) -> None:
        self.fired: list[str] = []
        self.heard_by_host: list[bytes] = []
        self._answers = list(answers)
        self.network = Network(self._serve, self.fired.append)

    def let(self, fault: str, **options: object) -> None:
        self.network.ailments()[fault].happen(**options)

    async def ask(self, end: End | None = None) -> list[bytes]:
        """All that a terminal hears within ten minutes of asking."""
        end = end or await self.network.connect()
        heard = []
        await end.send(ASKED)
        try:
            async with asyncio.timeout(600):
                while True:
                    heard.append(await end.receive())
        except (TimeoutError, ConnectionError):
            return heard

    async def _serve(self, line: LineEnd) -> None:
        try:
            while self._answers:
                self.heard_by_host.append(await line.receive())
                await line.send(self._answers.pop(0))
            await line.receive()
        except ConnectionError:
            return


def approves(data: bytes) -> bool:
    return decode(data).fields[39] == ResponseCode.APPROVED


def stans(messages: Iterable[bytes]) -> list[object]:
    return [decode(each).fields[11] for each in messages]


async def test_an_approval_comes_after_the_host_has_refused() -> None:
    talk = Talk(REFUSED)
    talk.let("D8")

    refusal, approval = await talk.ask()

    assert (refusal, approves(approval), talk.fired) == (REFUSED, True, ["D8"])
    assert decode(approval).fields[11] == decode(refusal).fields[11]


async def test_an_approval_comes_in_the_place_of_the_refusal_and_an_old_one_before_it() -> None:
    talk = Talk(answer("00", stan="000005"), REFUSED)
    await talk.ask()
    talk.let("D8", instead=True)

    heard = await talk.ask()

    assert all(map(approves, heard))
    assert stans(heard) == ["000005", "000007"]


async def test_who_is_not_refused_has_nothing_approved_after_all() -> None:
    talk = Talk(APPROVED)
    talk.let("D8")

    assert await talk.ask() == [APPROVED]
    assert talk.fired == []


async def test_of_earlier_approvals_one_of_the_same_amount_is_said_again() -> None:
    fits, last = answer("00", stan="000004"), answer("00", stan="000005", amount="000000010000")
    talk = Talk(fits, last, APPROVED)
    await talk.ask()
    await talk.ask()
    talk.let("D11", alone=True)

    assert await talk.ask() == [fits]


@pytest.mark.parametrize("alone", [False, True])
async def test_an_old_approval_of_money_is_said_again_and_never_that_of_a_quote(alone: bool) -> None:
    old, due = answer("00", stan="000005"), answer("00")
    talk = Talk(old, QUOTED, due)
    await talk.ask()
    await talk.ask()
    talk.let("D11", alone=alone)

    assert await talk.ask() == ([old] if alone else [old, due])
    assert talk.fired == ["D11"]


@pytest.mark.parametrize(
    ("fault", "options", "heard", "by_host"),
    [
        ("D1", {}, [], 1),
        ("D1", {"reply": False}, [], 0),
        ("D3", {"seconds": 60.0}, [APPROVED, APPROVED], 1),
        ("D10", {}, [APPROVED[:-1] + bytes([APPROVED[-1] ^ 1])], 1),
        ("D13", {"byte": 9, "reply": True}, [APPROVED[:9]], 1),
        ("D13", {"byte": 9}, [], 1),
    ],
)
async def test_what_a_terminal_and_a_host_hear(
    fault: str, options: dict[str, object], heard: list[bytes], by_host: int
) -> None:
    talk = Talk(APPROVED)
    talk.let(fault, **options)

    assert await talk.ask() == heard
    assert (len(talk.heard_by_host), talk.fired) == (by_host, [fault])


async def test_a_late_answer_comes_after_its_time() -> None:
    talk = Talk(APPROVED)
    talk.let("D2", seconds=45.0)
    begun = asyncio.get_running_loop().time()
    end = await talk.network.connect()

    await end.send(ASKED)
    await end.receive()

    assert asyncio.get_running_loop().time() - begun == pytest.approx(45, abs=0.1)


@pytest.mark.parametrize(("fault", "number"), [("D6", 11), ("D7", 41), ("D9", 4)])
async def test_one_field_of_an_answer_is_another(fault: str, number: int) -> None:
    talk = Talk(APPROVED)
    talk.let(fault)

    (heard,) = await talk.ask()

    before, after = decode(APPROVED).fields, decode(heard).fields
    assert [each for each in before if before[each] != after[each]] == [number]


async def test_what_is_said_while_the_connection_is_half_open_is_lost() -> None:
    talk = Talk(APPROVED)
    talk.let("D12", seconds=60.0)

    assert (await talk.ask(), talk.heard_by_host, talk.fired) == ([], [], ["D12"])


async def test_nothing_goes_wrong_any_more_once_it_is_healed() -> None:
    talk = Talk(APPROVED)
    for fault in ("D1", "D6", "D12"):
        talk.let(fault)
    talk.network.stay_down(100)
    assert not talk.network.is_up

    talk.network.heal()

    assert await talk.ask() == [APPROVED]


@pytest.mark.parametrize(("way", "heard"), [(REQUEST, []), (REPLY, [APPROVED[:5]])])
async def test_a_connection_breaks_within_a_message(way: str, heard: list[bytes]) -> None:
    talk = Talk(APPROVED)
    talk.network.break_off(way, 5)

    assert (await talk.ask(), talk.fired) == (heard, ["D13"])


async def test_what_was_sent_before_a_terminal_hung_up_reaches_the_host() -> None:
    talk = Talk(APPROVED, APPROVED)
    talk.let("D4", seconds=20.0)
    end = await talk.network.connect()
    await end.send(ASKED)
    await end.receive()

    end.close()
    await asyncio.sleep(30)

    assert talk.heard_by_host == [ASKED, ASKED]


async def test_a_host_that_is_not_there_hears_nothing_of_it() -> None:
    talk = Talk(APPROVED)
    end = await talk.network.connect()
    await end.send(ASKED)

    talk.network.stay_down(5.0)
    await asyncio.sleep(30)

    assert talk.heard_by_host == []


@pytest.mark.parametrize(("more", "heard"), [(True, "000000060000"), (False, "000000040000")])
async def test_an_amount_becomes_more_or_less(more: bool, heard: str) -> None:
    talk = Talk(APPROVED)
    talk.let("D9", reply=False, more=more)
    await talk.ask()

    assert decode(talk.heard_by_host[0]).fields[4] == heard
