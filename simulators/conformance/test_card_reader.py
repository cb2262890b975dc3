"""A card reader takes cards in, reads them, gives them back, and keeps those nobody takes."""

import asyncio

import pytest
import pytest_asyncio

from drivers.interfaces import (
    CardReader,
    ChipPower,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Media,
    MoveTarget,
    Refused,
)
from simulators.hil.bench import TestBench
from simulators.hil.customer import Customer

pytestmark = pytest.mark.asyncio

SELECT_PAYMENT_SYSTEM = bytes.fromhex("00A404000E315041592E5359532E444446303100")
"""SELECT 1PAY.SYS.DDF01: a command that every EMV card answers, if only with "not found"."""

A_MOMENT = 0.5
TIME_TO_TAKE = 30.0


@pytest_asyncio.fixture
async def reader(card_reader: CardReader, customer: Customer) -> CardReader:
    """Initialised and empty."""
    outcome = await card_reader.reset()
    assert isinstance(outcome, Done), outcome
    if outcome.result is Media.ENTERING:
        await customer.take_card()
    return card_reader


async def inserted(reader: CardReader, customer: Customer, card: str) -> None:
    """A card is inside; what is on it was read."""
    reading = asyncio.create_task(reader.read_raw_data())
    try:
        await customer.insert_card(card)
        await reading
    finally:
        reading.cancel()
    assert (await reader.status()).media is Media.PRESENT


async def given_back(reader: CardReader, customer: Customer) -> None:
    """The card is with its holder again."""
    outcome = await reader.move(MoveTarget.EXIT)
    assert outcome == Done(Media.ENTERING)
    await customer.take_card()
    assert await reader.media_removed(TIME_TO_TAKE)


async def test_an_empty_reader_is_online_and_says_so_twice(reader: CardReader) -> None:
    for _ in range(2):
        status = await reader.status()
        assert (status.device, status.media) == (DeviceState.ONLINE, Media.NOT_PRESENT)


async def test_a_card_is_taken_in_read_and_given_back(reader: CardReader, customer: Customer) -> None:
    heard: list[str] = []
    reading = asyncio.create_task(reader.read_raw_data(on_inserted=lambda: heard.append("inserted")))
    await customer.insert_card(customer.card(chip=True, stripe=True))
    card = await reading
    assert heard == ["inserted"]
    assert card.atr
    assert card.track2
    await given_back(reader, customer)
    assert (await reader.status()).media is Media.NOT_PRESENT


async def test_a_card_without_a_chip_is_read_by_its_stripe(reader: CardReader, customer: Customer) -> None:
    card = customer.card(chip=False, stripe=True)
    reading = asyncio.create_task(reader.read_raw_data())
    await customer.insert_card(card)
    data = await reading
    assert data.atr is None
    assert data.track2
    await given_back(reader, customer)


async def test_a_chip_answers_commands_and_resets(reader: CardReader, customer: Customer) -> None:
    await inserted(reader, customer, customer.card(chip=True))
    assert len(await reader.chip_io(SELECT_PAYMENT_SYSTEM)) >= 2
    assert await reader.chip_power(ChipPower.WARM)
    assert await reader.chip_power(ChipPower.OFF) == b""
    assert await reader.chip_power(ChipPower.COLD)
    assert len(await reader.chip_io(SELECT_PAYMENT_SYSTEM)) >= 2
    await given_back(reader, customer)


async def test_a_card_at_the_slot_waits_until_it_is_taken(reader: CardReader, customer: Customer) -> None:
    await inserted(reader, customer, customer.card())
    assert await reader.move(MoveTarget.EXIT) == Done(Media.ENTERING)
    assert not await reader.media_removed(A_MOMENT)
    assert (await reader.status()).media is Media.ENTERING
    await customer.take_card()
    assert await reader.media_removed(TIME_TO_TAKE)


async def test_a_reset_brings_the_card_inside_to_the_slot(reader: CardReader, customer: Customer) -> None:
    await inserted(reader, customer, customer.card())
    assert await reader.reset() == Done(Media.ENTERING)
    await customer.take_card()
    assert await reader.media_removed(TIME_TO_TAKE)


async def test_a_captured_card_is_out_of_reach_and_counted(
    reader: CardReader, customer: Customer, bench: TestBench
) -> None:
    before = (await reader.status()).retained
    await inserted(reader, customer, customer.card())
    assert await reader.move(MoveTarget.RETAIN) == Done(Media.NOT_PRESENT)
    after = await reader.status()
    assert after.media is Media.NOT_PRESENT
    if before is not None and after.retained is not None:
        assert after.retained == before + 1
    if bench.is_simulated("card_reader"):
        assert len(bench.simulated.reader.captured) == 1


async def test_waiting_for_a_card_can_be_given_up(reader: CardReader) -> None:
    reading = asyncio.create_task(reader.read_raw_data())
    await asyncio.sleep(A_MOMENT)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    status = await reader.status()
    assert (status.device, status.media) == (DeviceState.ONLINE, Media.NOT_PRESENT)


@pytest.mark.parametrize("target", MoveTarget)
async def test_without_a_card_nothing_moves(reader: CardReader, target: MoveTarget) -> None:
    outcome = await reader.move(target)
    assert isinstance(outcome, Refused)
    assert outcome.error.code is ErrorCode.NO_MEDIA


async def test_a_chip_without_power_does_not_answer(reader: CardReader, customer: Customer) -> None:
    await inserted(reader, customer, customer.card(chip=True))
    await reader.chip_power(ChipPower.OFF)
    with pytest.raises(DeviceError):
        await reader.chip_io(SELECT_PAYMENT_SYSTEM)
    await given_back(reader, customer)
