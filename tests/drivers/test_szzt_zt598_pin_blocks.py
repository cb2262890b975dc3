"""PIN blocks from the pad: once, of the right length, for the right account."""

import asyncio

import pytest

from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    ErrorCode,
    KeyAlgorithm,
    PinFormat,
)
from drivers.szzt_zt598 import SzztZt598, SzztZt598Options
from protocol.szzt_zt598_tables import LengthCoding, PinDialect
from simulators.devices import szzt_zt598 as simulated
from simulators.world.line import memory_line
from tests.drivers.szzt_zt598_desk import (
    PAN12,
    desk,
)


async def test_dialect_r_can_not_start_without_an_account_nor_change_it() -> None:
    async with desk(options=SzztZt598Options(dialect=PinDialect.R)) as at:
        with pytest.raises(DeviceError) as failure:
            await at.enter_pin("1")
        assert failure.value.completion is CompletionCode.SEQUENCE_ERROR
        await at.driver.set_pin_block_data(PAN12)
        await at.enter_pin(*"123456")
        with pytest.raises(DeviceError, match="another account"):
            await at.driver.get_pin_block("000000000001")


async def test_a_block_is_given_once() -> None:
    async with desk() as at:
        await at.enter_pin(*"123456", "enter")
        await at.driver.get_pin_block(PAN12)
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN


async def test_a_pin_that_waited_too_long_is_gone() -> None:
    async with desk() as at:
        await at.enter_pin(*"123456", "enter")
        await asyncio.sleep(61)
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.ENTRY_TIMEOUT


@pytest.mark.parametrize("account", ["", "12345678901", "12345678901x", "6299991234567890122"])
async def test_customer_data_other_than_pan12_are_refused_without_showing_them(account: str) -> None:
    async with desk() as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(account)
        assert not account or account not in str(failure.value)


async def test_a_pin_longer_than_was_asked_for_gives_no_block() -> None:
    """The pad reads the BCD maximum of 10 as binary 16; its own count, not that of the stars, decides."""
    async with desk(pad=simulated.SzztZt598Options(lengths=LengthCoding.BINARY)) as at:
        async with at.somebody_types(*"123456789012", "enter"):
            await at.driver.pin_entry(min_len=4, max_len=10, auto_end=False, timeout=30, on_key=at.keys.append)
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN


@pytest.mark.parametrize(
    ("options", "formats"),
    [
        (SzztZt598Options(), tuple(PinFormat)),
        (SzztZt598Options(dialect=PinDialect.R), (PinFormat.ISO0,)),
        (SzztZt598Options(algorithm=KeyAlgorithm.SM4), (PinFormat.ISO0,)),
    ],
)
async def test_only_what_the_pad_can_make_is_asked_for(
    options: SzztZt598Options, formats: tuple[PinFormat, ...]
) -> None:
    host, _ = memory_line(9600)
    driver = SzztZt598(host, options)
    assert driver.capabilities.pin_formats == formats
    for fmt in set(PinFormat) - set(formats):
        with pytest.raises(DeviceError) as refused:
            await driver.get_pin_block(PAN12, fmt)
        assert refused.value.code is ErrorCode.FORMAT_NOT_SUPPORTED
