"""The PIN pad's driver: against golden frames, and against the simulated pad at 9600 baud in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

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
from drivers.szzt_zt598_errors import MEANINGS, PadRefused
from protocol.keys import Cipher, check_value, wrap_key
from protocol.mac import retail_mac, unionpay_ecb
from protocol.szzt_zt598 import SZZT_ZT598, Command, Reply
from protocol.szzt_zt598_tables import HexMode, LengthCoding, Opcode, PinDialect, ProofForm, Rtn, Tag
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598 import KeypadMode, ReplyFault
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from simulators.world.virtual_time import run
from tests.vectors import vector

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PIN_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
KEYS = {0x20: (KEY, Tag.TMK), 0x30: (PIN_KEY, Tag.PIN), 0x31: (KEY, Tag.MAC)}
UID = b"\x88" * 16
RANDOM = bytes.fromhex("479D64E59D5B8E33C8D7FC91D5ADE6CD")
PAN12 = "123456789012"
BLOCK_OF_123456 = bytes.fromhex("8E37F451C21B66E2")
BLOCK_OF_1234 = bytes.fromhex("3AD7A02DA925CD19")
WIRE = "szzt_zt598"


class Tap:
    """The terminal's end of a line that keeps what went over it."""

    def __init__(self, end: MemoryEnd) -> None:
        self._end = end
        self.sent: list[bytes] = []
        self.heard = b""

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        await self._end.send(data)

    async def receive(self) -> bytes:
        data = await self._end.receive()
        self.heard += data
        return data

    def close(self) -> None:
        self._end.close()

    def times_sent(self, opcode: Opcode) -> int:
        """How many frames with that opcode left."""
        return sum(frame[4] == opcode for frame in self.sent)


class Desk:
    """A driver, its pad, and somebody who presses keys."""

    def __init__(self, driver: SzztZt598, pad: simulated.SzztZt598, tap: Tap, scene: Scene) -> None:
        self.scene = scene
        self.driver = driver
        self.pad = pad
        self.tap = tap
        self.keys: list[KeyPress] = []
        self.shown: list[str] = []

    async def type(self, *keys: str, pause: float = 0.2) -> None:
        """Press keys one after another once the keypad is lit."""
        await self.scene.until(lambda: self.pad.mode is not KeypadMode.OFF)
        for key in keys:
            await asyncio.sleep(pause)
            self.pad.press(key)

    def amount(self, _: KeyPress, digits: str) -> None:
        self.shown.append(digits)

    @asynccontextmanager
    async def somebody_types(self, *keys: str) -> AsyncIterator[None]:
        """Somebody types while the block runs."""
        person = asyncio.create_task(self.type(*keys))
        try:
            yield
        finally:
            person.cancel()
            with suppress(asyncio.CancelledError):
                await person

    async def enter_pin(self, *keys: str, auto_end: bool = False, timeout: float = 30) -> tuple[int, EntryCompletion]:
        async with self.somebody_types(*keys):
            entered = await self.driver.pin_entry(
                min_len=4, max_len=6, auto_end=auto_end, timeout=timeout, on_key=self.keys.append
            )
        return entered.digits, entered.completion


@asynccontextmanager
async def desk(
    *,
    keys: dict[int, tuple[bytes, Tag]] | None = None,
    uid: bytes | None = UID,
    options: SzztZt598Options | None = None,
    pad: simulated.SzztZt598Options | None = None,
) -> AsyncIterator[Desk]:
    terminal, device = memory_line(9600)
    numbers = iter(range(10**6))
    scene = Scene()
    device_under_test = simulated.SzztZt598(
        scene=scene,
        entropy=lambda size: next(numbers).to_bytes(size, "big"),
        keys=KEYS if keys is None else keys,
        uid=uid,
        options=pad,
    )
    serving = asyncio.create_task(device_under_test.serve(device))
    tap = Tap(terminal)
    try:
        yield Desk(SzztZt598(tap, options), device_under_test, tap, scene)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def golden(name: str) -> bytes:
    return vector(WIRE, name)


class Script:
    """A far end that answers each frame with what the script says, and is sure of the frames it gets."""

    def __init__(self, *lines: tuple[str | bytes, str | bytes]) -> None:
        self._lines = [(_bytes(expected), _bytes(answer)) for expected, answer in lines]
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        assert self._lines, f"nothing more was expected, but {data!r} came"
        expected, answer = self._lines.pop(0)
        assert data == expected
        if answer:
            self._arrived.put_nowait(answer)

    async def receive(self) -> bytes:
        return await self._arrived.get()

    def close(self) -> None:
        pass

    def assert_finished(self) -> None:
        assert not self._lines


def _bytes(line: str | bytes) -> bytes:
    return golden(line) if isinstance(line, str) else line


DONE = "control done"
AUTHENTICATED: Sequence[tuple[str, str]] = (
    ("random, zeros in ASCII as input", "random number"),
    ("encrypt random with slot 20", "random under slot 20"),
    ("prove, UID 8 x 11", "proved, UID 8 x 11, encrypted form"),
)
OLD_PAD = SzztZt598Options(uid=b"\x11" * 8, authentication=Authentication.ONCE)


def pad_of(driver: SzztZt598) -> PinPad:
    """The driver is what the terminal asks for."""
    return driver


# --- golden frames


async def test_a_key_is_loaded_with_the_frames_of_other_drivers() -> None:
    far = Script(*AUTHENTICATED, ("load PIN key 30 under 20", "PIN key loaded"))
    value = await SzztZt598(far, OLD_PAD).import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
    assert value == check_value(Cipher.TDES, PIN_KEY)
    far.assert_finished()


async def test_the_other_form_of_a_proof_is_accepted() -> None:
    far = Script(
        *AUTHENTICATED[:2],
        ("prove, UID 8 x 11", "proved, decrypted form"),
        ("load PIN key 30 under 20", "PIN key loaded"),
    )
    await SzztZt598(far, OLD_PAD).import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
    far.assert_finished()


async def test_a_pad_that_does_not_know_the_uid_is_not_trusted() -> None:
    far = Script(*AUTHENTICATED[:2], ("prove, UID 8 x 11", "random number"))
    with pytest.raises(DeviceError) as failure:
        await SzztZt598(far, OLD_PAD).import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
    assert failure.value.completion is CompletionCode.FRAUD_ATTEMPT


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


async def test_a_command_without_a_valid_reply_is_sent_three_times() -> None:
    damaged = golden(DONE)[:-1] + b"0"
    far = Script(
        ("reset", b""), ("reset", damaged), ("reset", DONE), ("true hex", DONE), ("information", "information record")
    )
    await SzztZt598(far).reset()
    far.assert_finished()


async def test_a_pad_that_never_answers_is_reported() -> None:
    far = Script(("reset", b""), ("reset", b""), ("reset", b""))
    with pytest.raises(DeviceError, match="sent 3 times: no reply") as failure:
        await SzztZt598(far).reset()
    assert failure.value.completion is CompletionCode.DEVICE_NOT_READY
    far.assert_finished()


# --- keys and status


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


@pytest.mark.parametrize("proof", list(ProofForm))
@pytest.mark.parametrize("authentication", list(Authentication))
async def test_both_forms_of_proof_and_both_habits_of_authentication_work(
    proof: ProofForm, authentication: Authentication
) -> None:
    options = SzztZt598Options(authentication=authentication)
    async with desk(options=options, pad=simulated.SzztZt598Options(proof=proof)) as at:
        assert await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19) == retail_mac(KEY, b"data")


async def test_a_pad_that_wants_an_authentication_for_each_use_gets_it() -> None:
    async with desk(pad=simulated.SzztZt598Options(one_use_authentication=True)) as at:
        assert await at.driver.generate_authentication(bytes(99), MacAlgorithm.X9_19) == retail_mac(KEY, bytes(99))
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_an_authentication_that_a_power_cut_ended_is_made_again() -> None:
    async with desk(options=SzztZt598Options(authentication=Authentication.ONCE)) as at:
        await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        at.pad.power_off()
        at.pad.power_on()
        await asyncio.sleep(4)
        assert await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19) == retail_mac(KEY, b"data")


async def test_another_uid_is_no_access() -> None:
    async with desk(options=SzztZt598Options(uid=b"\x77" * 16)) as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.import_key(KeyName.PIN, bytes(16))
        assert failure.value.code is ErrorCode.ACCESS_DENIED
        assert "UID" in failure.value.remedy


def test_a_uid_of_a_wrong_length_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="not 5") as failure:
        SzztZt598Options(uid=b"hello")
    assert "hello" not in str(failure.value)


async def test_a_pad_that_speaks_broken_hexadecimal_is_understood() -> None:
    async with desk(pad=simulated.SzztZt598Options(hex_mode=HexMode.BROKEN)) as at:
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


# --- MACs


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


# --- PIN entry


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


async def test_dialect_r_can_not_start_without_an_account_nor_change_it() -> None:
    async with desk(options=SzztZt598Options(dialect=PinDialect.R)) as at:
        with pytest.raises(DeviceError) as failure:
            await at.enter_pin("1")
        assert failure.value.completion is CompletionCode.SEQUENCE_ERROR
        await at.driver.set_pin_block_data(PAN12)
        await at.enter_pin(*"123456")
        with pytest.raises(DeviceError, match="another account"):
            await at.driver.get_pin_block("000000000001")


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


@pytest.mark.parametrize(("minimum", "maximum"), [(0, 6), (7, 6), (4, 13)])
async def test_impossible_lengths_are_refused(minimum: int, maximum: int) -> None:
    async with desk() as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.pin_entry(
                min_len=minimum, max_len=maximum, auto_end=False, timeout=30, on_key=at.keys.append
            )
        assert failure.value.completion is CompletionCode.INVALID_DATA


@pytest.mark.parametrize("account", ["", "12345678901", "12345678901x", "6299991234567890122"])
async def test_customer_data_other_than_pan12_are_refused_without_showing_them(account: str) -> None:
    async with desk() as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(account)
        assert not account or account not in str(failure.value)


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


# --- lost and damaged replies


@pytest.mark.parametrize("fault", [ReplyFault.LOST, ReplyFault.BAD_LRC, ReplyFault.KEY_INSIDE])
@pytest.mark.parametrize("opcode", [Opcode.CONTROL, Opcode.AUTHENTICATE, Opcode.START_PIN_ENTRY, Opcode.PIN_BLOCK])
async def test_one_spoilt_reply_spoils_no_pin(opcode: Opcode, fault: ReplyFault) -> None:
    async with desk() as at:
        at.pad.fail_next(opcode, fault)
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert at.keys == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


async def test_a_key_just_before_the_reply_that_starts_the_entry_counts() -> None:
    async with desk() as at:
        at.pad.fail_next(Opcode.START_PIN_ENTRY, ReplyFault.KEY_BEFORE)
        await at.enter_pin(*"12345", "enter")
        assert at.keys.count(KeyPress.DIGIT) == 6


async def test_a_block_of_another_length_than_asked_for_is_no_pin() -> None:
    """Stars can be lost on the line; the pad's own count decides."""
    async with desk() as at:
        entry = asyncio.create_task(at.enter_pin(*"123456", "enter"))
        await asyncio.sleep(1.5)
        at.driver._pin_lengths = range(7, 8)
        await entry
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12)
        assert failure.value.code is ErrorCode.NO_PIN


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


# --- clear entry


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


async def test_line_noise_never_becomes_an_amount() -> None:
    """Digits of a frame that was torn apart come as bare bytes: they are not keys."""
    terminal, device = memory_line(9600)
    driver = SzztZt598(terminal)
    shown: list[str] = []
    entry = asyncio.create_task(driver.data_entry(max_len=5, timeout=5, on_key=lambda _, keys: shown.append(keys)))
    decoder = SZZT_ZT598.from_host()
    for _ in range(2):
        (command,) = decoder.feed(await device.receive())
        assert isinstance(command, Command)
        await device.send(Reply(command.opcode + 0x30).encode())
    await asyncio.sleep(0.5)
    await device.send(b"\xff017h435260E5632B42A8\x0321")
    await asyncio.sleep(0.5)
    await device.send(b"\x02\x30\x31")
    await asyncio.sleep(1)
    await device.send(b"\x007")
    await asyncio.sleep(0.5)
    assert shown == ["7"]
    entry.cancel()
    with suppress(asyncio.CancelledError):
        device.close()
        await entry


# --- errors


@pytest.mark.parametrize("rtn", sorted(Rtn))
async def test_every_error_of_the_pad_is_told_with_a_remedy(rtn: Rtn) -> None:
    async with desk() as at:
        at.pad.fail_next(Opcode.MAC, rtn)
        with pytest.raises(PadRefused) as failure:
            await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        assert failure.value.rtn == rtn
        assert failure.value.remedy
        assert f"({rtn:02X})" in str(failure.value)
        assert failure.value.device == "SZZT ZT598"


def test_an_error_that_nobody_knows_is_a_hardware_error() -> None:
    assert PadRefused("pad", Opcode.MAC, 0xDF).completion is CompletionCode.HARDWARE_ERROR


def test_every_row_of_the_table_of_errors_says_what_helps() -> None:
    assert all(meaning.remedy for meaning in MEANINGS.values())


# --- secrets


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
