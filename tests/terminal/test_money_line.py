"""The terminal's end of the money line against a host played by the test."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from protocol.money_line import (
    AmountType,
    CashRequest,
    Confirm,
    Header,
    NetworkManagement,
    NetworkManagementReply,
    Original,
    ProcessingRequest,
    QuoteRequest,
    ResponseCode,
    Reversal,
    ReversalCause,
    SignOn,
    UnitResult,
    WorkingKeys,
)
from terminal.journal import Entry
from terminal.money_line import ApprovalSpent, Approved, Declined, NoAnswer, Quote, SignOnFailed
from tests.terminal.money_host import (
    CARD,
    KEYS,
    PIN_BLOCK,
    Kiosk,
    answered,
    confirmed,
    quoted,
    reversed_,
    signed_on,
)

T = TypeVar("T")


def start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    return asyncio.ensure_future(work)


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    kiosk = Kiosk(tmp_path)
    await sign_on(kiosk)
    return kiosk


async def sign_on(kiosk: Kiosk) -> None:
    signing_on = start(kiosk.line.sign_on())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))
    await signing_on


async def approved(kiosk: Kiosk, amount_fen: int = 50_000) -> Approved:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, amount_fen, transaction="visit1"))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    answer = await asking
    assert isinstance(answer, Approved)
    return answer


# --- Sign-on


async def test_signing_on_loads_keys_batch_and_the_hosts_clock(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    request = await kiosk.host.hear(SignOn)
    await kiosk.host.say(signed_on(request))

    result = await signing_on

    assert (request.terminal_info, request.operator) == (b"medteller", "001")
    assert result.batch == 7
    assert result.clock_offset == timedelta(seconds=10)
    assert kiosk.pad.mac_key == KEYS.mac_key
    assert kiosk.line.signed_on


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (WorkingKeys(KEYS.pin_key, b"xxxx", KEYS.mac_key, KEYS.mac_key_check), "check value of PIK"),
        (WorkingKeys(KEYS.pin_key, KEYS.pin_key_check, KEYS.mac_key, b"xxxx"), "check value of MAK"),
        (None, "no keys"),
    ],
)
async def test_wrong_keys_are_no_sign_on(tmp_path: Path, keys: WorkingKeys | None, why: str) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn), keys=keys))

    with pytest.raises(SignOnFailed, match=why):
        await signing_on
    assert not kiosk.line.signed_on
    assert await kiosk.line.quote(CARD, PIN_BLOCK) == NoAnswer("not signed on", sent=False)


async def test_a_refused_sign_on_says_the_code(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn), code="97", keys=None))

    with pytest.raises(SignOnFailed, match="code 97"):
        await signing_on


async def test_a_host_that_is_not_there_is_no_sign_on(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, reachable=False)

    with pytest.raises(SignOnFailed, match="nobody listens"):
        await kiosk.line.sign_on()


async def test_the_host_answers_an_echo(kiosk: Kiosk) -> None:
    echoing = start(kiosk.line.echo())
    request = await kiosk.host.hear(NetworkManagement)
    await kiosk.host.say(
        NetworkManagementReply(
            stan=request.stan,
            terminal=request.terminal,
            merchant=request.merchant,
            batch=request.batch,
            time="093010",
            date="0105",
            code="00",
        )
    )

    assert await echoing


# --- Questions and answers


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


# --- No answer, and answers that are none


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


# --- Confirm and reversal


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


# --- Restart


async def test_a_power_cut_while_waiting_for_an_answer_ends_in_a_reversal(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000))
    request = await kiosk.host.hear(CashRequest)
    kiosk.restart()
    asking.cancel()
    await asyncio.wait([asking])
    await sign_on(kiosk)

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


# --- Secrets


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


async def test_a_pad_that_makes_no_mac_stops_a_request_before_it_leaves(kiosk: Kiosk) -> None:
    kiosk.pad.broken = True

    with pytest.raises(Exception, match="no answer"):
        await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)

    assert [message.mti for message in kiosk.host.messages] == ["0800"]
    assert not list(kiosk.journal.records(Entry.HOST_REQUEST, after=3))
