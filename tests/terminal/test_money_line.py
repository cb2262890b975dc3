"""The terminal's end of the money line against a host played by the test."""

import asyncio
from pathlib import Path

import pytest

from protocol.money_line import (
    CashRequest,
    NetworkManagement,
    Reversal,
    ReversalCause,
    SignOn,
)
from terminal.journal import Entry
from terminal.money_line import Approved
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    answered,
    approved,
    echoed,
    reversed_,
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


async def test_the_host_answers_an_echo(kiosk: Kiosk) -> None:
    echoing = start(kiosk.line.echo())
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement)))

    assert await echoing


async def test_echoes_leave_one_record_for_many_and_no_trace_number_comes_twice(kiosk: Kiosk) -> None:
    before = len(kiosk.kinds())
    for _ in range(3):
        asking = start(kiosk.line.echo())
        await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement)))
        assert await asking
    approval = await approved(kiosk)
    assert kiosk.kinds()[before:] == [Entry.TRACE_NUMBERS_RESERVED, Entry.HOST_REQUEST, Entry.HOST_REPLY]
    asking = start(kiosk.line.echo())
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement), code="96"))
    assert not await asking
    assert kiosk.kinds()[-1] == Entry.HOST_REPLY, "what goes wrong is on record"
    kiosk.restart()
    await signing_on(kiosk)

    numbers = [int(message.text(11)) for message in kiosk.host.messages]
    assert len(set(numbers)) == len(numbers)
    assert approval.exchange.stan == numbers[-3]


async def test_a_power_cut_while_waiting_for_an_answer_ends_in_a_reversal(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    kiosk.restart()
    asking.cancel()
    await asyncio.wait([asking])
    await signing_on(kiosk)

    delivering = start(kiosk.line.deliver())
    reversal = await kiosk.host.hear(Reversal)
    await kiosk.host.say(reversed_(reversal))

    assert await delivering
    assert (reversal.stan, reversal.pan, reversal.cause) == (request.stan, CARD.pan, ReversalCause.NO_ANSWER)


async def test_trace_numbers_go_on_after_a_restart(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    kiosk.line.confirm(approval, 50_000)
    [advice] = kiosk.line.open_advices
    kiosk.restart()

    signing_on = start(kiosk.line.sign_on())
    request = await kiosk.host.hear(SignOn)
    await kiosk.host.say(signed_on(request))
    await signing_on

    assert request.stan == advice.stan + 1


async def test_a_trace_number_taken_while_another_exchange_waits_is_its_own(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    signing_on = start(kiosk.line.sign_on())
    request = await kiosk.host.hear(SignOn)
    kiosk.line.confirm(approval, 50_000)
    await kiosk.host.say(signed_on(request))
    await signing_on

    [advice] = kiosk.line.open_advices
    assert advice.stan == request.stan + 1


async def test_the_journal_holds_no_card_number_no_track_and_no_pin_block(kiosk: Kiosk) -> None:
    asking = start(
        kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000, field55=b"\x5a\x0a" + bytes.fromhex("6217000000000000012F"))
    )
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    answer = await asking
    assert isinstance(answer, Approved)
    kiosk.line.confirm(answer, 50_000)
    kiosk.journal.close()

    written = b"".join(path.read_bytes() for path in kiosk.folder.iterdir())

    for secret in (b"6217000000000000012", PIN_BLOCK, PIN_BLOCK.hex().encode(), b"30122010001", b"621700000000000001"):
        assert secret not in written
    assert b"refused" not in written
    assert "6217" not in repr(answer) + repr(kiosk.line.open_advices)
