"""The PIN pad's driver: keys, MACs, PIN and amounts, at 9600 baud in virtual time and against golden frames."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    DeviceState,
    EncryptionState,
    EntryCompletion,
    ErrorCode,
    KeyName,
    KeyPress,
    MacAlgorithm,
    PinPad,
)
from drivers.szzt_zt598 import Authentication, SzztZt598, SzztZt598Options
from protocol.keys import Cipher, wrap_key
from protocol.mac import retail_mac, unionpay_ecb
from protocol.szzt_zt598 import SZZT_ZT598
from protocol.szzt_zt598_tables import HexMode, LengthCoding, Opcode, PinDialect, Rtn, Tag
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598 import KeypadMode
from simulators.world.virtual_time import run
from tests.drivers.szzt_zt598_desk import (
    AUTHENTICATED,
    BLOCK_OF_1234,
    BLOCK_OF_123456,
    DONE,
    KEY,
    KEYS,
    OLD_PAD,
    PAN12,
    PIN_KEY,
    UID,
    Script,
    desk,
    golden,
)


def pad_of(driver: SzztZt598) -> PinPad:
    """The driver is what the terminal asks for."""
    return driver


async def test_a_pin_is_asked_for_with_the_frames_of_other_drivers() -> None:
    far = Script(
        ("keypad off", DONE),
        ("PIN timeout 30 s", DONE),
        ("fill FF", DONE),
        ("minimum 4", DONE),
        ("maximum 6", DONE),
        *AUTHENTICATED,
        ("clear key is backspace", DONE),
        ("start PIN, enter, backspace", golden("PIN entry started") + b"******\x0d"),
        ("fill FF", DONE),
        ("PIN block, dialect JC", "PIN block of 123456"),
    )
    driver = SzztZt598(far, OLD_PAD)
    keys: list[KeyPress] = []
    entered = await driver.pin_entry(min_len=4, max_len=6, auto_end=False, timeout=29, on_key=keys.append)
    assert (entered.digits, entered.completion) == (6, EntryCompletion.ENTER)
    assert keys == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]
    assert await driver.get_pin_block(PAN12) == BLOCK_OF_123456
    far.assert_finished()


async def test_the_pads_own_time_limit_ends_an_entry() -> None:
    far = Script(
        ("keypad off", DONE),
        ("PIN timeout 30 s", DONE),
        ("fill FF", DONE),
        ("minimum 4", DONE),
        ("maximum 6", DONE),
        *AUTHENTICATED,
        ("clear key is backspace", DONE),
        ("start PIN, automatic end", golden("PIN entry started") + b"**\x80"),
        ("keypad off", DONE),
    )
    entered = await SzztZt598(far, OLD_PAD).pin_entry(
        min_len=4, max_len=6, auto_end=True, timeout=29, on_key=lambda _: None
    )
    assert (entered.digits, entered.completion) == (0, EntryCompletion.TIME_OUT)
    far.assert_finished()


async def test_dialect_r_names_key_and_account_first() -> None:
    old = SzztZt598Options(uid=b"\x11" * 8, authentication=Authentication.ONCE, dialect=PinDialect.R)
    far = Script(
        ("keypad off", DONE),
        ("PIN timeout 30 s", DONE),
        ("fill FF", DONE),
        ("minimum 4", DONE),
        (golden("minimum 4").replace(b"5404\x0332", b"5504\x0333"), DONE),
        *AUTHENTICATED,
        ("start PIN, dialect R", golden("PIN entry started") + b"****"),
        ("PIN block, dialect R", "PIN block of 1234"),
    )
    driver = SzztZt598(far, old)
    await driver.set_pin_block_data(PAN12)
    entered = await driver.pin_entry(min_len=4, max_len=4, auto_end=False, timeout=29, on_key=lambda _: None)
    assert (entered.digits, entered.completion) == (4, EntryCompletion.AUTO)
    assert await driver.get_pin_block(PAN12) == BLOCK_OF_1234
    far.assert_finished()


async def test_working_keys_are_loaded_and_make_the_pad_ready() -> None:
    async with desk(keys={0x20: (KEY, Tag.TMK)}) as at:
        await at.driver.reset()
        assert (await at.driver.status()).encryption_state is EncryptionState.INITIALIZED
        pik = await at.driver.import_key(KeyName.PIN, bytes.fromhex("3EB3B72576BBBE832532DF5DD75880D3"))
        mak = await at.driver.import_key(KeyName.MAC, bytes.fromhex("1A4D672DCA6CB335"))
        assert (pik[:4].hex().upper(), mak[:4].hex().upper()) == ("491510CA", "D5D44FF7")
        status = await at.driver.status()
        assert (status.device, status.encryption_state) == (DeviceState.ONLINE, EncryptionState.READY)
        assert status.detail == "ZT588 2.3, serial 0001"


async def test_a_pad_without_its_master_key_is_not_initialised() -> None:
    async with desk(keys={}) as at:
        assert (await at.driver.status()).encryption_state is EncryptionState.NOT_INITIALIZED
        with pytest.raises(DeviceError) as failure:
            await at.driver.import_key(KeyName.PIN, bytes(16))
        assert failure.value.code is ErrorCode.KEY_NOT_FOUND


async def test_the_master_key_is_no_working_key() -> None:
    async with desk() as at:
        with pytest.raises(DeviceError, match="no working key"):
            await at.driver.import_key(KeyName.MASTER, bytes(16))
        with pytest.raises(DeviceError) as failure:
            await at.driver.import_key(KeyName.PIN, bytes(15))
        assert failure.value.code is ErrorCode.INVALID_KEY_LENGTH
        assert not at.tap.sent


async def test_a_tampered_pad_is_a_fraud_attempt() -> None:
    async with desk() as at:
        at.pad.tamper()
        status = await at.driver.status()
        assert (status.device, status.encryption_state) == (DeviceState.FRAUD_ATTEMPT, EncryptionState.NOT_READY)
        with pytest.raises(DeviceError) as failure:
            await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        assert failure.value.completion is CompletionCode.FRAUD_ATTEMPT


async def test_a_pad_that_was_taken_out_is_a_fraud_attempt() -> None:
    async with desk() as at:
        at.pad.lift()
        assert (await at.driver.status()).device is DeviceState.FRAUD_ATTEMPT
        at.pad.mount()
        assert (await at.driver.status()).device is DeviceState.FRAUD_ATTEMPT


async def test_a_silent_pad_and_a_line_that_is_down_are_offline() -> None:
    async with desk() as at:
        at.pad.power_off()
        assert (await at.driver.status()).device is DeviceState.OFFLINE
        at.tap.close()
        status = await at.driver.status()
        assert status.device is DeviceState.OFFLINE
        assert "the line is down" in status.detail


async def test_status_does_not_disturb_an_entry() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123456", "enter"))
        await at.scene.until(lambda: at.pad.mode is KeypadMode.PIN)
        assert (await at.driver.status()).device is DeviceState.DEVICE_BUSY
        assert await entry == (6, EntryCompletion.ENTER)


async def test_a_mac_asked_for_during_an_entry_waits_for_its_end() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123456", "enter"))
        await asyncio.sleep(2)
        mac = asyncio.create_task(at.driver.generate_authentication(b"some data", MacAlgorithm.X9_19))
        assert await entry == (6, EntryCompletion.ENTER)
        assert await mac == retail_mac(KEY, b"some data")
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_pad_that_speaks_broken_hexadecimal_is_understood() -> None:
    async with desk(pad=simulated.SzztZt598Options(hex_mode=HexMode.BROKEN)) as at:
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


@pytest.mark.parametrize("size", [0, 1, 8, 9, 512, 519, 520, 521, 1500])
async def test_macs_of_any_length_are_chained_out_of_single_commands(size: int) -> None:
    data = bytes(at * 7 % 256 for at in range(size))
    async with desk() as at:
        assert await at.driver.generate_authentication(data, MacAlgorithm.X9_19) == retail_mac(KEY, data)
        assert await at.driver.generate_authentication(data, MacAlgorithm.UNIONPAY_ECB) == unionpay_ecb(KEY, data)


async def test_a_mac_key_of_single_length_makes_a_plain_mac() -> None:
    key = bytes.fromhex("0123456789ABCDEF")
    data = bytes(range(1, 21))
    async with desk(keys={**KEYS, 0x31: (key, Tag.MAC)}) as at:
        assert (await at.driver.generate_authentication(data, MacAlgorithm.X9_19)).hex().upper() == "A36B313B45A3930C"
        assert await at.driver.generate_authentication(data, MacAlgorithm.UNIONPAY_ECB) == b"52E68643"


async def test_without_a_mac_key_there_is_no_mac() -> None:
    async with desk(keys={0x20: (KEY, Tag.TMK), 0x31: (KEY, Tag.DATA)}) as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        assert failure.value.code is ErrorCode.KEY_NOT_FOUND


@pytest.mark.req("S1-64", "S1-67")
async def test_six_digits_are_typed_and_only_that_keys_were_pressed_is_heard() -> None:
    async with desk() as at:
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert at.keys == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


@pytest.mark.req("S1-64")
async def test_digits_can_be_corrected() -> None:
    async with desk() as at:
        assert await at.enter_pin(*"1299", "clear", "clear", *"34", "enter") == (4, EntryCompletion.ENTER)
        assert at.keys.count(KeyPress.BACKSPACE) == 2
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_1234


@pytest.mark.req("S1-64")
async def test_the_cancel_key_ends_the_entry() -> None:
    async with desk() as at:
        assert await at.enter_pin(*"123", "cancel") == (0, EntryCompletion.CANCEL)
        assert at.pad.mode is KeypadMode.OFF
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN


@pytest.mark.req("S1-64")
async def test_an_entry_has_a_time_limit() -> None:
    async with desk() as at:
        started = asyncio.get_running_loop().time()
        assert await at.enter_pin(*"123", timeout=30) == (0, EntryCompletion.TIME_OUT)
        assert 30 <= asyncio.get_running_loop().time() - started < 33
        assert at.pad.mode is KeypadMode.OFF
        assert at.pad.snapshot()["PIN"] == ""


async def test_the_last_digit_ends_an_entry_that_ends_itself() -> None:
    async with desk() as at:
        assert await at.enter_pin(*"123456", auto_end=True) == (6, EntryCompletion.AUTO)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_pad_of_the_other_dialect_is_driven_too() -> None:
    async with desk(
        options=SzztZt598Options(dialect=PinDialect.R), pad=simulated.SzztZt598Options(dialects=(PinDialect.R,))
    ) as at:
        await at.driver.set_pin_block_data(PAN12)
        assert await at.enter_pin(*"123456") == (6, EntryCompletion.AUTO)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_binary_lengths_are_an_option() -> None:
    options = SzztZt598Options(lengths=LengthCoding.BINARY)
    async with desk(options=options, pad=simulated.SzztZt598Options(lengths=LengthCoding.BINARY)) as at:
        async with at.somebody_types(*"123456789012", "enter"):
            entered = await at.driver.pin_entry(
                min_len=12, max_len=12, auto_end=False, timeout=30, on_key=at.keys.append
            )
        assert entered.digits == 12


async def test_a_missing_pin_key_is_found_before_the_customer_types() -> None:
    async with desk(keys={0x20: (KEY, Tag.TMK)}) as at:
        with pytest.raises(DeviceError) as failure:
            await at.enter_pin(*"123456")
        assert failure.value.code is ErrorCode.KEY_NOT_FOUND
        assert at.pad.mode is KeypadMode.OFF


@pytest.mark.parametrize(("minimum", "maximum"), [(0, 6), (7, 6), (4, 13)])
async def test_impossible_lengths_are_refused(minimum: int, maximum: int) -> None:
    async with desk() as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.pin_entry(
                min_len=minimum, max_len=maximum, auto_end=False, timeout=30, on_key=at.keys.append
            )
        assert failure.value.completion is CompletionCode.INVALID_DATA


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.req("S1-67")
async def test_cancelling_an_entry_switches_the_keypad_off(times: int) -> None:
    """Also when the task is cancelled again while it does so."""
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123"))
        await asyncio.sleep(3)
        assert at.pad.snapshot()["PIN"] == "***"
        for _ in range(times):
            entry.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await entry
        assert at.pad.mode is KeypadMode.OFF
        assert at.pad.snapshot()["PIN"] == ""
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)


@pytest.mark.parametrize("moment", [0.03, 0.05, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
async def test_an_entry_cancelled_while_it_starts_leaves_the_keypad_off_and_the_line_in_step(moment: float) -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin())
        await asyncio.sleep(moment)
        entry.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entry
        assert at.pad.mode is KeypadMode.OFF
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_listener_that_fails_ends_the_entry_with_the_keypad_off() -> None:
    def fail(_: KeyPress) -> None:
        raise RuntimeError("screen gone")

    async with desk() as at, at.somebody_types("1"):
        with pytest.raises(RuntimeError):
            await at.driver.pin_entry(min_len=4, max_len=6, auto_end=False, timeout=30, on_key=fail)
        assert at.pad.mode is KeypadMode.OFF


async def test_a_pad_that_dies_during_the_entry_is_reported_at_its_end() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"12", timeout=10))
        await asyncio.sleep(3)
        at.pad.power_off()
        with pytest.raises(DeviceError) as failure:
            await entry
        assert failure.value.completion is CompletionCode.DEVICE_NOT_READY


async def test_a_line_that_goes_down_ends_the_entry() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"12"))
        await asyncio.sleep(3)
        at.tap.close()
        with pytest.raises(DeviceError, match="line is down"):
            await entry


async def test_an_amount_is_typed_in_clear() -> None:
    async with desk() as at, at.somebody_types("5", "0", "9", "clear", "00", "0", "enter"):
        entered = await at.driver.data_entry(max_len=5, timeout=30, on_key=at.amount)
        assert (entered.keys, entered.completion) == ("50000", EntryCompletion.ENTER)
        assert at.shown == ["5", "50", "509", "50", "5000", "50000", "50000"]
        assert at.pad.mode is KeypadMode.OFF


async def test_digits_beyond_the_limit_are_not_taken() -> None:
    async with desk() as at, at.somebody_types(*"1234", "enter"):
        entered = await at.driver.data_entry(max_len=3, timeout=30, on_key=at.amount)
        assert entered.keys == "123"


@pytest.mark.parametrize(("keys", "completion"), [(("1", "cancel"), "cancel"), (("1",), "timeOut")])
async def test_an_amount_can_be_cancelled_or_time_out(keys: Sequence[str], completion: str) -> None:
    async with desk() as at, at.somebody_types(*keys):
        entered = await at.driver.data_entry(max_len=5, timeout=10, on_key=at.amount)
        assert entered.completion == completion
        assert at.pad.mode is KeypadMode.OFF


async def test_a_cancelled_amount_switches_the_keypad_off() -> None:
    async with desk() as at:
        entry = asyncio.create_task(at.driver.data_entry(max_len=5, timeout=30, on_key=at.amount))
        await at.scene.until(lambda: at.pad.mode is KeypadMode.CLEAR)
        entry.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entry
        assert at.pad.mode is KeypadMode.OFF


@pytest.mark.req("S1-43", "S1-67")
async def test_no_pin_and_no_key_is_on_the_line_or_in_words() -> None:
    """A PIN that stands out, typed and sealed; keys are loaded, errors provoked; then everything is searched."""
    said = ""
    async with desk() as at:
        await at.driver.import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
        await at.enter_pin(*"839174", "enter")
        said += repr(await at.driver.get_pin_block(PAN12))
        for opcode in (Opcode.PIN_BLOCK, Opcode.LOAD_ENCRYPTED_KEY):
            at.pad.fail_next(opcode, Rtn.CHECK_VALUE)
        for work in (
            at.driver.get_pin_block(PAN12),
            at.driver.import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY)),
        ):
            with pytest.raises(DeviceError) as failure:
                await work
            said += f"{failure.value} {failure.value!r} {failure.value.args}"
        said += f"{at.driver!r} {SzztZt598Options()!r} {at.pad!r} {await at.driver.status()!r} {at.keys}"
        for event in (SZZT_ZT598.from_device().feed(at.tap.heard), SZZT_ZT598.from_host().feed(b"".join(at.tap.sent))):
            said += repr(event)
        wire = b"".join(at.tap.sent) + at.tap.heard
        assert PAN12.encode() in wire
        assert PAN12 not in said
        for secret in (b"839174", KEY, PIN_KEY, UID):
            for form in (secret, secret.hex().encode(), secret.hex().upper().encode()):
                assert form not in wire
                assert form.decode("latin-1") not in said
            assert repr(secret)[2:-1] not in said


@settings(max_examples=25, deadline=None)
@given(st.text("0123456789", min_size=4, max_size=6))
def test_no_pin_at_all_is_ever_heard_from_the_pad_while_it_is_typed(pin: str) -> None:
    async def story() -> None:
        async with desk() as at:
            before = len(at.tap.heard)
            await at.enter_pin(*pin, "enter")
            stars = [event for event in SZZT_ZT598.from_device().feed(at.tap.heard[before:]) if len(event.raw) == 1]
            assert [event.raw for event in stars] == [b"*"] * len(pin) + [b"\x0d"]

    run(story())
