"""Transfers and SM4 keys on the terminal's money line, against a host played by the test."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.interfaces import KeyAlgorithm, MacAlgorithm
from protocol.money_line import (
    SECURITY_SM4,
    AmountType,
    NetworkCode,
    ProcessingCode,
    QuoteRequest,
    ResponseCode,
    Reversal,
    ReversalCause,
    SignOn,
    TransactionType,
    TransferReply,
    TransferRequest,
)
from terminal.money_line import Declined, MoneyLineSettings, NoAnswer, Transferred
from tests.terminal.money_host import CARD, PIN_BLOCK, Kiosk, quoted, reversed_, signed_on, signing_on, start


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    kiosk = Kiosk(tmp_path)
    await signing_on(kiosk)
    return kiosk


def paid(request: TransferRequest, *, code: str = "00") -> TransferReply:
    return TransferReply(
        stan=request.stan,
        terminal=request.terminal,
        merchant=request.merchant,
        batch=request.batch,
        time="093012",
        date="0105",
        code=code,
        amount=request.amount,
        reference="000000000003",
        authorisation="B12345" if code == "00" else None,
        payee="6228***1234" if code == "00" else None,
        amounts={AmountType.AVAILABLE: 219_999},
    )


async def test_an_approved_transfer_is_paid_and_leaves_nothing_to_confirm(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000, transaction="visit1"))
    request = await kiosk.host.hear(TransferRequest)
    await kiosk.host.say(paid(request))

    assert (request.amount, request.transaction_type) == (100_000, TransactionType.TRANSFER)
    assert await asking == Transferred(100_000, "000000000003", "B12345", "6228***1234", 219_999)
    assert not kiosk.line.open_approvals
    assert not kiosk.line.open_advices
    kiosk.restart()
    assert not kiosk.line.open_approvals


async def test_a_refused_transfer_leaves_nothing_to_reverse(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000))
    await kiosk.host.say(paid(await kiosk.host.hear(TransferRequest), code="61"))

    answer = await asking

    assert isinstance(answer, Declined)
    assert answer.code is ResponseCode.OVER_LIMIT
    assert not kiosk.line.open_advices


async def given_back(kiosk: Kiosk) -> Reversal:
    """The reversal that comes when advices are delivered."""
    delivering = start(kiosk.line.deliver())
    if not kiosk.line.signed_on:
        await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))
    advice = await kiosk.host.hear(Reversal)
    await kiosk.host.say(reversed_(advice))
    assert await delivering
    return advice


@pytest.mark.parametrize("code", ["96", "A4"])
async def test_a_transfer_that_may_have_been_paid_is_reversed_as_a_transfer(kiosk: Kiosk, code: str) -> None:
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000))
    await kiosk.host.say(paid(await kiosk.host.hear(TransferRequest), code=code))
    await asking

    advice = await given_back(kiosk)

    assert (advice.processing_code, advice.transaction_type, advice.amount) == (
        ProcessingCode.TRANSFER,
        TransactionType.TRANSFER,
        100_000,
    )


async def test_a_transfer_without_an_answer_is_reversed(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000))
    await kiosk.host.hear(TransferRequest)

    answer = await asking

    assert isinstance(answer, NoAnswer)
    assert (await given_back(kiosk)).transaction_type is TransactionType.TRANSFER


async def test_a_transfer_that_a_power_cut_interrupted_is_reversed(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000))
    await kiosk.host.hear(TransferRequest)
    asking.cancel()
    kiosk.restart()

    assert (await given_back(kiosk)).processing_code is ProcessingCode.TRANSFER


@pytest.mark.req("S1-42")
async def test_a_transfer_to_whose_answer_the_card_objects_is_reversed(kiosk: Kiosk) -> None:
    async def objection(field55: bytes | None) -> str:
        return f"not by my issuer: {field55!r}"

    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000, objection=objection))
    request = await kiosk.host.hear(TransferRequest)
    await kiosk.host.say(replace(paid(request), chip_data=b"answer"))

    assert await asking == NoAnswer("not by my issuer: b'answer'", sent=True)
    assert (await given_back(kiosk)).cause == ReversalCause.OTHER


async def test_a_power_cut_while_the_card_is_asked_about_a_transfer_gives_it_back(kiosk: Kiosk) -> None:
    asked = asyncio.Event()

    async def objection(_: bytes | None) -> str:
        asked.set()
        await asyncio.Event().wait()
        return ""

    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000, objection=objection))
    await kiosk.host.say(paid(await kiosk.host.hear(TransferRequest)))
    await asked.wait()
    asking.cancel()
    kiosk.restart()

    assert (await given_back(kiosk)).processing_code is ProcessingCode.TRANSFER


@pytest.mark.req("S1-43")
async def test_sm4_keys_are_asked_for_and_their_pin_block_goes_into_its_own_field(tmp_path: Path) -> None:
    settings = MoneyLineSettings(
        terminal="33100001",
        merchant="331000012345678",
        keys=KeyAlgorithm.SM4,
        mac_algorithm=MacAlgorithm.SM4_CBC,
    )
    kiosk = Kiosk(tmp_path, settings)
    assert (await signing_on(kiosk)).network is NetworkCode.SIGN_ON_SM4

    asking = start(kiosk.line.quote(CARD, bytes(range(16))))
    request = await kiosk.host.hear(QuoteRequest)
    await kiosk.host.say(quoted(request))
    await asking

    assert (request.pin_block, request.pin_block_sm4) == (None, bytes(range(16)))
    assert request.security_control == SECURITY_SM4


@pytest.mark.req("S1-42")
@pytest.mark.parametrize("code", ["63", "77", "99"])
async def test_a_request_that_the_keys_or_the_batch_stopped_is_not_repeated_by_itself(kiosk: Kiosk, code: str) -> None:
    """The terminal signs on once more; whether to ask again is the customer's to say."""
    asking = start(kiosk.line.transfer(CARD, PIN_BLOCK, 100_000))
    await kiosk.host.say(paid(await kiosk.host.hear(TransferRequest), code=code))
    assert isinstance(await asking, Declined)
    assert not kiosk.line.signed_on

    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))

    assert await delivering
    assert [message.mti for message in kiosk.host.messages] == ["0800", "0200", "0800"]
