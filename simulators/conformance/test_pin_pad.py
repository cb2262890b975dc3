"""A PIN pad keeps digits to itself, ends an entry in every way there is, and uses keys it does not give away."""

import asyncio
from collections.abc import Awaitable

import pytest
import pytest_asyncio

from drivers.interfaces import (
    DataEntered,
    DeviceError,
    DeviceState,
    EncryptionState,
    EntryCompletion,
    KeyName,
    KeyPress,
    MacAlgorithm,
    PinEntered,
    PinPad,
)
from protocol import keys, mac, pin_block
from simulators.hil.bench import TestBench
from simulators.hil.customer import Customer

pytestmark = pytest.mark.asyncio

ACCOUNT = "700000000001"
TEST_PIN = "123456"
PIN_KEY = bytes.fromhex("1094D3FB8F6B1FA7C1A81A2F5C7FBA49")
MAC_KEY = bytes.fromhex("79E0B3F29E2A4C5BD6E6A8549D8C1F73")
SHORT = 1.0
LONG = 60.0


@pytest_asyncio.fixture
async def pad(pin_pad: PinPad, bench: TestBench) -> PinPad:
    """With a PIN key and a MAC key that this test knows."""
    for name, key in ((KeyName.PIN, PIN_KEY), (KeyName.MAC, MAC_KEY)):
        value = await pin_pad.import_key(name, keys.encrypt(keys.Cipher.TDES, bench.master_key, key))
        assert value
        assert keys.check_value(keys.Cipher.TDES, key, len(value)) == value
    await pin_pad.set_pin_block_data(ACCOUNT)
    return pin_pad


class Entry:
    """One PIN entry with somebody who types."""

    def __init__(self, pad: PinPad, *, max_len: int = 6, auto_end: bool = False, timeout: float = LONG) -> None:
        self.pressed: list[KeyPress] = []
        self._ready = asyncio.Event()
        self._ended = asyncio.create_task(
            pad.pin_entry(
                min_len=4,
                max_len=max_len,
                auto_end=auto_end,
                timeout=timeout,
                on_key=self.pressed.append,
                on_ready=self._ready.set,
            )
        )

    async def with_keys(self, pressing: Awaitable[None]) -> PinEntered:
        """How it ended after these keys; they are pressed when the pad is ready."""
        await self.ready()
        await pressing
        return await self._ended

    async def ready(self) -> None:
        """Until the customer may type, or the entry is over before it began."""
        waiting = asyncio.ensure_future(self._ready.wait())
        await asyncio.wait((waiting, self._ended), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def ended(self) -> PinEntered:
        """How it ended."""
        return await self._ended

    async def given_up(self) -> None:
        """Nobody wants the PIN any more."""
        self._ended.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._ended


def clear_pin(block: bytes) -> str:
    """The PIN in a block, as a host's security module sees it."""
    return pin_block.decode(keys.decrypt(keys.Cipher.TDES, PIN_KEY, block), ACCOUNT)


async def test_a_pad_with_keys_is_ready(pad: PinPad) -> None:
    status = await pad.status()
    assert (status.device, status.encryption_state) == (DeviceState.ONLINE, EncryptionState.READY)


async def test_a_pin_ends_with_enter_and_only_stars_are_heard(pad: PinPad, customer: Customer) -> None:
    entry = Entry(pad)
    assert await entry.with_keys(customer.press(TEST_PIN, "enter")) == PinEntered(6, EntryCompletion.ENTER)
    assert entry.pressed == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]


async def test_the_pin_block_holds_what_was_typed_and_is_had_once(pad: PinPad, customer: Customer) -> None:
    await Entry(pad).with_keys(customer.press(TEST_PIN, "enter"))
    assert clear_pin(await pad.get_pin_block(ACCOUNT)) == TEST_PIN
    with pytest.raises(DeviceError):
        await pad.get_pin_block(ACCOUNT)


async def test_a_cancelled_entry_leaves_no_pin(pad: PinPad, customer: Customer) -> None:
    assert await Entry(pad).with_keys(customer.press("12", "cancel")) == PinEntered(0, EntryCompletion.CANCEL)
    with pytest.raises(DeviceError):
        await pad.get_pin_block(ACCOUNT)


async def test_an_entry_ends_by_itself_when_nobody_types(pad: PinPad) -> None:
    assert await Entry(pad, timeout=SHORT).ended() == PinEntered(0, EntryCompletion.TIME_OUT)


async def test_an_entry_ends_by_itself_at_its_longest(pad: PinPad, customer: Customer) -> None:
    entry = Entry(pad, auto_end=True)
    assert await entry.with_keys(customer.press(TEST_PIN)) == PinEntered(6, EntryCompletion.AUTO)
    assert clear_pin(await pad.get_pin_block(ACCOUNT)) == TEST_PIN


async def test_no_more_digits_count_than_the_longest_pin_has(pad: PinPad, customer: Customer) -> None:
    entered = await Entry(pad, max_len=4).with_keys(customer.press("123456", "enter"))
    assert entered.digits == 4
    assert clear_pin(await pad.get_pin_block(ACCOUNT)) == "1234"


async def test_clear_takes_a_digit_back(pad: PinPad, customer: Customer) -> None:
    entry = Entry(pad)
    assert await entry.with_keys(customer.press("1234", "clear", "56", "enter")) == PinEntered(5, EntryCompletion.ENTER)
    assert KeyPress.BACKSPACE in entry.pressed
    assert clear_pin(await pad.get_pin_block(ACCOUNT)) == "12356"


async def test_an_entry_can_be_given_up(pad: PinPad) -> None:
    entry = Entry(pad)
    await entry.ready()
    await entry.given_up()
    assert (await pad.status()).device is DeviceState.ONLINE
    with pytest.raises(DeviceError):
        await pad.get_pin_block(ACCOUNT)


async def test_an_amount_is_typed_in_clear(pad: PinPad, customer: Customer) -> None:
    so_far: list[str] = []
    ready = asyncio.Event()
    typing = asyncio.create_task(
        pad.data_entry(max_len=5, timeout=LONG, on_key=lambda _, keys: so_far.append(keys), on_ready=ready.set)
    )
    await ready.wait()
    await customer.press("300", "enter")
    assert await typing == DataEntered("300", EntryCompletion.ENTER)
    assert so_far[:3] == ["3", "30", "300"]


@pytest.mark.parametrize("length", [1, 8, 100])
async def test_a_mac_is_the_one_that_the_key_makes(pad: PinPad, length: int) -> None:
    data = bytes(range(length))
    assert await pad.generate_authentication(data, MacAlgorithm.X9_19) == mac.retail_mac(MAC_KEY, data)
