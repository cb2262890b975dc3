"""What keeps the money line fit for the next customer, against a host played by the test."""

import asyncio
from pathlib import Path

import pytest

from protocol.money_line import (
    Confirm,
    Header,
    NetworkCode,
    NetworkManagement,
    ProcessingRequest,
    QuoteRequest,
    SignOn,
)
from terminal.money_line import Declined, MoneyLineSettings
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    approved,
    confirmed,
    echoed,
    quoted,
    signed_on,
    signing_on,
    start,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    kiosk = Kiosk(tmp_path)
    await signing_on(kiosk)
    return kiosk


async def test_the_host_can_call_its_keys_back(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(
        quoted(await kiosk.host.hear(QuoteRequest), code="77"),
        header=Header(processing_request=ProcessingRequest.SIGN_ON),
    )

    answer = await asking

    assert isinstance(answer, Declined)
    assert not kiosk.line.signed_on


async def test_delivering_signs_on_first_where_keys_are_gone(kiosk: Kiosk) -> None:
    kiosk.line.confirm(await approved(kiosk), 50_000)
    kiosk.restart()
    assert not kiosk.line.signed_on

    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))
    await kiosk.host.say(confirmed(await kiosk.host.hear(Confirm)))

    assert await delivering


async def test_delivering_signs_on_even_when_nothing_waits(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))

    assert await delivering
    assert kiosk.line.signed_on


async def test_an_unreachable_host_is_not_ready_for_a_customer(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, reachable=False)

    assert not await kiosk.line.deliver()


QUIET = 300.0


async def listening(folder: Path) -> Kiosk:
    """A kiosk that asks for an echo after five silent minutes, and has signed on."""
    kiosk = Kiosk(folder, MoneyLineSettings(terminal="33100001", merchant="331000012345678", echo_after=QUIET))
    await signing_on(kiosk)
    return kiosk


async def test_a_host_that_was_not_heard_for_long_is_asked_for_an_echo_again_and_again(tmp_path: Path) -> None:
    kiosk = await listening(tmp_path)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    tending = start(kiosk.line.tend(stop))
    for _ in range(2):
        began = loop.time()
        request = await kiosk.host.hear(NetworkManagement)
        assert request.network is NetworkCode.ECHO
        assert loop.time() - began >= QUIET - 1
        await kiosk.host.say(echoed(request))
    await asyncio.sleep(1)
    stop.set()

    assert await tending
    assert kiosk.line.signed_on


async def test_a_host_that_answers_no_echo_twice_is_told_of_and_one_lost_message_is_not(tmp_path: Path) -> None:
    kiosk = await listening(tmp_path)
    tending = start(kiosk.line.tend(asyncio.Event()))
    await kiosk.host.hear(NetworkManagement)
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement)))
    for _ in range(2):
        assert not tending.done()
        await kiosk.host.hear(NetworkManagement)

    assert await tending is False


async def test_a_card_that_comes_while_an_echo_is_awaited_is_not_kept_waiting_for_a_second_one(tmp_path: Path) -> None:
    kiosk = await listening(tmp_path)
    stop = asyncio.Event()
    tending = start(kiosk.line.tend(stop))
    await kiosk.host.hear(NetworkManagement)
    stop.set()

    assert await tending
    assert [message.mti for message in kiosk.host.messages].count("0820") == 1
