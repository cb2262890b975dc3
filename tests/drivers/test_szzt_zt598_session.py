"""Commands and their repetition, authentication, and what passes for a key."""

import asyncio
from contextlib import suppress

import pytest

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
)
from drivers.szzt_zt598 import Authentication, SzztZt598, SzztZt598Options
from protocol.keys import Cipher, check_value, wrap_key
from protocol.mac import retail_mac
from protocol.szzt_zt598 import SZZT_ZT598, Command, Reply
from protocol.szzt_zt598_commands import mac
from protocol.szzt_zt598_tables import MacType, Opcode, ProofForm, Rtn
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598 import ReplyFault
from simulators.world.line import memory_line
from tests.drivers.szzt_zt598_desk import (
    AUTHENTICATED,
    BLOCK_OF_123456,
    DONE,
    KEY,
    OLD_PAD,
    PAN12,
    PIN_KEY,
    Script,
    Tap,
    desk,
    golden,
)


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


async def test_a_command_without_a_valid_reply_is_sent_three_times() -> None:
    damaged = golden(DONE)[:-1] + b"0"
    far = Script(
        ("reset", b""),
        ("reset", damaged),
        ("reset", DONE),
        ("true hex", DONE),
        ("information", "information record"),
        ("key hold 3 s", DONE),
    )
    await SzztZt598(far).reset()
    far.assert_finished()


async def test_a_pad_that_never_answers_is_reported() -> None:
    far = Script(("reset", b""), ("reset", b""), ("reset", b""))
    with pytest.raises(DeviceError, match="sent 3 times: no reply") as failure:
        await SzztZt598(far).reset()
    assert failure.value.completion is CompletionCode.DEVICE_NOT_READY
    far.assert_finished()


async def test_a_late_reply_is_not_taken_for_the_answer_to_the_next_command() -> None:
    """The reply to the first sending comes after the reply to the second, when the next command is due."""
    terminal, device = memory_line(9600)
    driver = SzztZt598(terminal, SzztZt598Options(uid=b"\x11" * 8, reply_timeout=0.2))
    loading = asyncio.create_task(driver.import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY)))
    first = await device.receive()
    assert await device.receive() == first == golden("random, zeros in ASCII as input")
    await device.send(golden("random number"))
    await asyncio.sleep(0.08)
    await device.send(golden("random number"))
    assert await device.receive() == golden("encrypt random with slot 20")
    await device.send(golden("random under slot 20"))
    assert await device.receive() == golden("prove, UID 8 x 11")
    await device.send(golden("proved, UID 8 x 11, encrypted form"))
    assert await device.receive() == golden("load PIN key 30 under 20")
    await device.send(golden("PIN key loaded"))
    assert await loading == check_value(Cipher.TDES, PIN_KEY)


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


@pytest.mark.parametrize("processing", [2.94, 2.97, 2.99, 3.5, 5.0])
async def test_a_pad_that_answers_too_late_is_slow_and_no_fraud(processing: float) -> None:
    async with desk(pad=simulated.SzztZt598Options(processing=processing)) as at:
        await at.driver.import_key(KeyName.PIN, wrap_key(Cipher.TDES, KEY, PIN_KEY))
        assert at.tap.times_sent(Opcode.AUTHENTICATE) > 3
        assert (await at.driver.status()).device is DeviceState.ONLINE


async def test_a_command_that_a_firmware_does_not_have_may_be_left_out() -> None:
    async with desk() as at:
        at.pad.fail_next(Opcode.INSTALLATION_STATE, Rtn.PARAMETER)
        assert (await at.driver.status()).device is DeviceState.ONLINE
        at.pad.fail_next(Opcode.INSTALLATION_STATE, Rtn.EEPROM)
        assert (await at.driver.status()).device is DeviceState.HARDWARE_ERROR


class WithoutInstallationState:
    """A line to a pad that does not know one opcode and says nothing to it."""

    def __init__(self, end: Tap) -> None:
        self._end = end
        self.asked = 0

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        if data == golden("installation state"):
            self.asked += 1
        else:
            await self._end.send(data)

    async def receive(self, deadline: float | None = None) -> bytes:
        return await self._end.receive(deadline)

    def close(self) -> None:
        self._end.close()


async def test_a_command_that_a_firmware_keeps_silent_about_is_left_out_from_then_on() -> None:
    async with desk() as at:
        line = WithoutInstallationState(at.tap)
        driver = SzztZt598(line)
        for _ in range(2):  # the first time, the pad may just have been resetting itself
            assert (await driver.status()).device is DeviceState.ONLINE
        asked = line.asked
        assert (await driver.status()).device is DeviceState.ONLINE
        assert line.asked == asked
        at.pad.power_off()
        assert (await driver.status()).device is DeviceState.OFFLINE


@pytest.mark.parametrize("rtn", [Rtn.NO_SUCH_SLOT, Rtn.TAG_OR_NO_KEY, Rtn.AUTHENTICATION])
async def test_firmwares_differ_in_how_they_tell_an_empty_slot(rtn: Rtn) -> None:
    refused = Reply(rtn).encode()
    far = Script(
        ("information", "information record"),
        ("installation state", "installed"),
        (AUTHENTICATED[0]),
        (b"\x02035:30479D64E59D5B8E33C8D7FC91D5ADE6CD\x0372", refused),
        (AUTHENTICATED[0]),
        (AUTHENTICATED[1][0], refused),
    )
    status = await SzztZt598(far).status()
    assert status.encryption_state is EncryptionState.NOT_INITIALIZED


@pytest.mark.parametrize("record", [Reply(0x63, b"short"), Reply(0x63, b"x" * 146)])
async def test_a_record_that_can_not_be_read_is_a_hardware_error(record: Reply) -> None:
    far = Script(("reset", DONE), ("true hex", DONE), ("information", record.encode()))
    with pytest.raises(DeviceError, match="can't be read") as failure:
        await SzztZt598(far).reset()
    assert failure.value.completion is CompletionCode.HARDWARE_ERROR


@pytest.mark.parametrize("challenge", [b"no hexadecimal!!", b"0102"])
async def test_a_challenge_that_can_not_be_read_is_a_hardware_error(challenge: bytes) -> None:
    far = Script(AUTHENTICATED[0], (AUTHENTICATED[1][0], Reply(0x6A, challenge).encode()))
    with pytest.raises(DeviceError) as failure:
        await SzztZt598(far, OLD_PAD).import_key(KeyName.PIN, bytes(16))
    assert failure.value.completion is CompletionCode.HARDWARE_ERROR


async def test_a_mac_of_another_length_is_a_hardware_error() -> None:
    asked = mac(0x31, MacType.TDES_CBC, bytes(8)).encode()
    far = Script(*AUTHENTICATED, (asked, Reply(0x68, b"435260E5").encode()))
    with pytest.raises(DeviceError, match="a MAC of 4 bytes"):
        await SzztZt598(far, OLD_PAD).generate_authentication(b"", MacAlgorithm.X9_19)
