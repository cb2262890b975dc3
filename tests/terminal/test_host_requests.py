"""Questions about money against a host played by the test: answers, silence, and answers that are none."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from protocol.money_line import (
    AmountType,
    CashRequest,
    Original,
    QuoteRequest,
    ResponseCode,
    Reversal,
    ReversalCause,
)
from terminal.journal import Entry
from terminal.money_line import Approved, Declined, NoAnswer, Quote
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    answered,
    approved,
    quoted,
    reversed_,
    signing_on,
    start,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    kiosk = Kiosk(tmp_path)
    await signing_on(kiosk)
    return kiosk


async def test_a_quote_says_what_may_be_drawn(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    request = await kiosk.host.hear(QuoteRequest)
    await kiosk.host.say(quoted(request))

    quote = await asking

    assert (request.pan, request.pin_block, request.batch) == (CARD.pan, PIN_BLOCK, 7)
    assert isinstance(quote, Quote)
    assert (quote.available, quote.maximum) == (319_999, 200_000)


async def test_a_wrong_pin_says_how_many_tries_are_left(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(quoted(await kiosk.host.hear(QuoteRequest), code="55", pin_tries_left=2))

    answer = await asking

    assert isinstance(answer, Declined)
    assert answer.code is ResponseCode.WRONG_PIN
    assert answer.pin_tries_left == 2


async def test_an_approval_is_durable_before_it_is_returned(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)

    assert approval.amount_fen == 50_000
    assert (approval.reference, approval.authorisation) == ("000000000002", "A12345")
    assert approval.available_fen == 269_999
    assert kiosk.line.open_approvals
    kiosk.restart()
    [again] = kiosk.line.open_approvals
    assert again == replace(approval, available_fen=None, chip_data=None)


async def test_a_decline_leaves_nothing_to_reverse(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest), code="51"))

    answer = await asking

    assert isinstance(answer, Declined)
    assert answer.code is ResponseCode.INSUFFICIENT_FUNDS
    assert answer.amounts == {AmountType.AVAILABLE: 269_999}
    assert not kiosk.line.open_advices
    assert not kiosk.line.open_approvals


@pytest.mark.parametrize("code", ["09", "10", "11", "68", "91", "96", "A5", "ZZ"])
async def test_an_answer_that_may_have_moved_money_is_reversed(kiosk: Kiosk, code: str) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest), code=code))

    answer = await asking

    assert isinstance(answer, Declined)
    assert answer.host_code == code
    [advice] = kiosk.line.open_advices
    assert (advice.amount_fen, advice.cause) == (50_000, ReversalCause.OTHER)


async def test_an_answered_94_is_not_reversed(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest), code="94"))

    assert isinstance(await asking, Declined)
    assert not kiosk.line.open_advices


@pytest.mark.req("S1-42")
async def test_silence_stores_a_reversal_for_what_was_asked(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)

    answer = await asking

    assert isinstance(answer, NoAnswer)
    assert answer.sent
    [advice] = kiosk.line.open_advices
    assert advice.exchange == Original(7, request.stan, "0105")
    assert (advice.amount_fen, advice.cause) == (50_000, ReversalCause.NO_ANSWER)


async def test_a_request_that_never_left_needs_no_reversal(kiosk: Kiosk) -> None:
    kiosk.line.close()
    kiosk.reachable = False

    answer = await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)

    assert isinstance(answer, NoAnswer)
    assert not answer.sent
    assert not kiosk.line.open_advices


async def test_a_late_answer_is_dropped_and_pays_nothing(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    late = await kiosk.host.hear(CashRequest)
    assert isinstance(await asking, NoAnswer)

    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(answered(late))
    await kiosk.host.say(reversed_(await kiosk.host.hear(Reversal)))

    assert await delivering
    assert not kiosk.line.open_approvals
    assert kiosk.dropped() == ["0210 does not answer 0400"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"stan": 999}, "field 11"),
        ({"terminal": "33100002"}, "field 41"),
        ({"merchant": "331000012345679"}, "field 42"),
        ({"amount": 60_000}, "field 4"),
    ],
)
async def test_an_answer_to_something_else_is_dropped(kiosk: Kiosk, change: dict[str, Any], why: str) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    await kiosk.host.say(replace(answered(request), **change))
    await kiosk.host.say(answered(request))

    assert isinstance(await asking, Approved)
    assert kiosk.dropped() == [f"{why} is not that of the request"]


@pytest.mark.req("S1-43")
async def test_an_answer_with_a_wrong_mac_is_reversed_and_ends_trade_until_signed_on(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)), key=b"another key")

    answer = await asking

    assert isinstance(answer, NoAnswer)
    assert "MAC" in answer.cause
    [advice] = kiosk.line.open_advices
    assert advice.cause == ReversalCause.BAD_MAC
    assert not kiosk.line.signed_on


async def test_an_answer_whose_mac_cannot_be_checked_is_reversed(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    kiosk.pad.broken = True
    await kiosk.host.say(answered(request))

    assert isinstance(await asking, NoAnswer)
    assert [advice.cause for advice in kiosk.line.open_advices] == [ReversalCause.BAD_MAC]


async def test_an_answer_altered_on_the_way_is_not_believed(kiosk: Kiosk) -> None:
    """A decline turned into an approval fails the MAC, which covers the reply code."""
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    frame = kiosk.host.frame(answered(await kiosk.host.hear(CashRequest), code="51"))
    await kiosk.host.say_raw(frame.replace(b"51331", b"00331"))

    assert isinstance(await asking, NoAnswer)
    assert not kiosk.line.open_approvals


async def test_an_approval_without_a_reference_is_given_back(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(replace(answered(await kiosk.host.hear(CashRequest)), reference=None))

    assert isinstance(await asking, NoAnswer)
    assert [advice.cause for advice in kiosk.line.open_advices] == [ReversalCause.OTHER]


async def test_a_duplicate_answer_approves_once(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    await kiosk.host.say(answered(request))
    await kiosk.host.say(answered(request))
    first = await asking
    assert isinstance(first, Approved)

    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest), code="51"))

    assert isinstance(await asking, Declined)
    assert kiosk.line.open_approvals == (replace(first, available_fen=None, chip_data=None),)
    assert kiosk.dropped() == ["field 11 is not that of the request"]


async def test_line_noise_before_the_answer_does_no_harm(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    await kiosk.host.say_raw(b"\xff\xff\xff")
    await kiosk.host.say(answered(request))

    assert isinstance(await asking, Approved)


async def test_a_line_that_breaks_after_the_request_stores_a_reversal(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.hear(CashRequest)
    kiosk.host.hang_up()

    answer = await asking

    assert isinstance(answer, NoAnswer)
    assert "broke" in answer.cause
    assert len(kiosk.line.open_advices) == 1


async def test_a_connection_that_stays_silent_is_renewed(kiosk: Kiosk) -> None:
    for _ in range(2):
        assert isinstance(await kiosk.line.quote(CARD, PIN_BLOCK), NoAnswer)
    assert kiosk.connections == 1

    await kiosk.line.quote(CARD, PIN_BLOCK)

    assert kiosk.connections == 2


async def test_a_visit_cut_short_while_asking_is_reversed(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    await kiosk.host.hear(CashRequest)
    asking.cancel()
    await asyncio.wait([asking])

    delivering = start(kiosk.line.deliver())
    reversal = await kiosk.host.hear(Reversal)
    await kiosk.host.say(reversed_(reversal))

    assert await delivering
    assert reversal.cause == ReversalCause.NO_ANSWER


async def test_a_pad_that_makes_no_mac_stops_a_request_before_it_leaves(kiosk: Kiosk) -> None:
    kiosk.pad.broken = True

    with pytest.raises(Exception, match="no answer"):
        await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)

    assert [message.mti for message in kiosk.host.messages] == ["0800"]
    assert not list(kiosk.journal.records(Entry.HOST_REQUEST, after=3))
