"""Confirms and reversals against a host played by the test."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from protocol.money_line import (
    CashRequest,
    Confirm,
    QuoteRequest,
    Reversal,
    ReversalCause,
    UnitResult,
)
from terminal.money_line import ApprovalSpent, Approved, NoAnswer, Quote
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    answered,
    approved,
    confirmed,
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


async def test_a_confirm_tells_the_true_amount_and_the_notes(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    kiosk.line.confirm(approval, 40_000, [UnitResult(10_000, 4, 4, 0, 1)])

    delivering = start(kiosk.line.deliver())
    confirm = await kiosk.host.hear(Confirm)
    await kiosk.host.say(confirmed(confirm))

    assert await delivering
    assert (confirm.amount, confirm.pan, confirm.reference) == (40_000, CARD.pan, approval.reference)
    assert confirm.units == (UnitResult(10_000, 4, 4, 0, 1),)
    assert confirm.original == approval.original
    assert confirm.stan != approval.original.stan
    assert not kiosk.line.open_advices


async def test_a_reversal_gives_back_all_that_was_held(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    kiosk.line.reverse(approval, ReversalCause.TERMINAL_FAULT)

    delivering = start(kiosk.line.deliver())
    reversal = await kiosk.host.hear(Reversal)
    await kiosk.host.say(reversed_(reversal))

    assert await delivering
    assert (reversal.amount, reversal.cause) == (50_000, "96")
    assert reversal.stan == approval.original.stan
    assert (reversal.reference, reversal.authorisation) == (approval.reference, approval.authorisation)


async def test_an_approval_is_settled_once(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    kiosk.line.confirm(approval, 50_000)

    with pytest.raises(ApprovalSpent):
        kiosk.line.reverse(approval)
    with pytest.raises(ApprovalSpent):
        kiosk.line.confirm(approval, 50_000)
    kiosk.restart()
    with pytest.raises(ApprovalSpent):
        kiosk.line.confirm(approval, 50_000)
    assert len(kiosk.line.open_advices) == 1


async def test_more_than_was_held_is_never_confirmed(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)

    with pytest.raises(ValueError, match="60000 fen"):
        kiosk.line.confirm(approval, 60_000)


async def test_an_advice_is_repeated_with_growing_pauses_until_it_is_answered(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    kiosk.line.confirm(approval, 50_000)
    loop = asyncio.get_running_loop()
    heard_at, stans = [], []

    delivering = start(kiosk.line.keep_delivering())
    for _ in range(6):
        confirm = await kiosk.host.hear(Confirm)
        heard_at.append(loop.time())
        stans.append(confirm.stan)
    await kiosk.host.say(confirmed(confirm))
    await delivering

    pauses = [later - earlier for earlier, later in pairwise(heard_at)]
    assert len(set(stans)) == 1
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert not kiosk.line.open_advices


@pytest.mark.parametrize("code", ["00", "25", "94"])
async def test_some_answers_end_an_advice(kiosk: Kiosk, code: str) -> None:
    kiosk.line.reverse(await approved(kiosk))
    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(reversed_(await kiosk.host.hear(Reversal), code=code))

    assert await delivering


async def test_a_refused_advice_stays_and_blocks_new_requests(kiosk: Kiosk) -> None:
    kiosk.line.reverse(await approved(kiosk))
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(reversed_(await kiosk.host.hear(Reversal), code="12"))

    assert await asking == NoAnswer("earlier messages wait to be delivered", sent=False)
    assert len(kiosk.line.open_advices) == 1


@pytest.mark.req("S1-42")
async def test_an_open_advice_goes_before_a_new_request(kiosk: Kiosk) -> None:
    kiosk.line.confirm(await approved(kiosk), 50_000)

    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(confirmed(await kiosk.host.hear(Confirm)))
    await kiosk.host.say(quoted(await kiosk.host.hear(QuoteRequest)))

    assert isinstance(await asking, Quote)


async def test_nothing_new_is_asked_while_an_advice_is_unanswered(kiosk: Kiosk) -> None:
    kiosk.line.confirm(await approved(kiosk), 50_000)

    answer = await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)

    assert answer == NoAnswer("earlier messages wait to be delivered", sent=False)
    assert [message.mti for message in kiosk.host.messages] == ["0800", "0200"]


async def test_an_advice_that_cannot_be_opened_does_not_hold_up_the_others(kiosk: Kiosk) -> None:
    first = await approved(kiosk)
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 10_000))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    second = await asking
    assert isinstance(second, Approved)
    kiosk.line.confirm(first, 50_000)
    kiosk.line.confirm(second, 10_000)
    damaged = replace(kiosk.line.open_advices[0], sealed="abc")
    kiosk.line._exchange.memory.advices[first.exchange] = damaged

    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(confirmed(await kiosk.host.hear(Confirm)))

    assert not await delivering
    assert [advice.exchange for advice in kiosk.line.open_advices] == [first.exchange]
