"""The simulated pad, spoken to as other people's drivers speak: with golden frames on the line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from protocol.szzt_zt598 import SZZT_ZT598, Command, Information, KeyByte, Reply, mac
from protocol.szzt_zt598_tables import (
    HexMode,
    KeyCode,
    LengthCoding,
    MacType,
    Opcode,
    PinDialect,
    ProofForm,
    Rtn,
    Tag,
)
from protocol.wire import Damaged, Event
from simulators.devices.szzt_zt598 import KeypadMode, ReplyFault, SzztZt598, SzztZt598Options
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PIN_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
KEYS = {0x20: (KEY, Tag.TMK), 0x30: (PIN_KEY, Tag.PIN), 0x31: (KEY, Tag.MAC), 0x32: (KEY, Tag.DATA)}
UID_11 = b"\x11" * 8
UID_88 = b"\x88" * 16
RANDOM = bytes.fromhex("479D64E59D5B8E33C8D7FC91D5ADE6CD")
WIRE = "szzt_zt598"


def golden(name: str) -> bytes:
    return vector(WIRE, name)


class Host:
    """A host that sends raw frames and listens."""

    def __init__(self, pad: SzztZt598, line: MemoryEnd) -> None:
        self.pad = pad
        self.line = line
        self.wire = b""

    async def hear(self, seconds: float = 0.5) -> bytes:
        """Everything that comes within that time."""
        heard = b""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    heard += await self.line.receive()
        except TimeoutError:
            self.wire += heard
            return heard

    async def ask(self, frame: bytes | Command) -> bytes:
        """Send a frame; returns the bytes that come back."""
        await self.line.send(frame.encode() if isinstance(frame, Command) else frame)
        return await self.hear()

    async def rtn(self, frame: bytes | Command) -> int:
        """Send a frame; returns the RTN of the reply."""
        (reply,) = SZZT_ZT598.from_device().feed(await self.ask(frame))
        assert isinstance(reply, Reply)
        return reply.rtn

    async def authenticate(self, *, proof: str = "prove, UID 8 x 11") -> bytes:
        """The three steps with golden frames; returns the last reply."""
        assert await self.ask(golden("random, zeros in ASCII as input")) == golden("random number")
        assert await self.ask(golden("encrypt random with slot 20")) == golden("random under slot 20")
        return await self.ask(golden(proof))

    def press(self, *keys: str) -> None:
        """A finger on the keys."""
        for key in keys:
            self.pad.press(key)


@asynccontextmanager
async def host(
    *,
    keys: dict[int, tuple[bytes, Tag]] | None = None,
    uid: bytes | None = UID_11,
    options: SzztZt598Options | None = None,
    baud: int | None = 9600,
) -> AsyncIterator[Host]:
    """A pad from the bench, commissioned unless said otherwise, and a host on its line."""
    terminal, device = memory_line(baud)
    pad = SzztZt598(
        scene=Scene(),
        entropy=lambda size: RANDOM[:size],
        keys=KEYS if keys is None else keys,
        sm4_keys={0x20: KEY},
        uid=uid,
        options=options,
    )
    serving = asyncio.create_task(pad.serve(device))
    try:
        yield Host(pad, terminal)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


# --- information and controls


async def test_a_commissioned_pad_tells_about_itself() -> None:
    async with host() as at:
        assert await at.ask(golden("information")) == golden("information record")
        assert await at.ask(golden("pad id")) == golden("pad id, nothing loaded")
        assert await at.ask(golden("installation state")) == golden("installed")


@pytest.mark.parametrize(
    "name",
    [
        "reset",
        "wipe",
        "keypad off",
        "clear entry on",
        "beep off",
        "beep on",
        "one beep",
        "PIN timeout 30 s",
        "PIN timeout maximum",
        "fill FF",
        "minimum 4",
        "maximum 6",
        "maximum 12 in BCD",
        "maximum 16 in binary",
        "true hex",
        "speed 115200",
        "beep 100 ms",
        "key hold 3 s",
        "clear key is backspace",
        "clear key clears all",
        "SM4 keys may be equal",
    ],
)
async def test_every_known_control_is_accepted(name: str) -> None:
    async with host() as at:
        assert await at.ask(golden(name)) == golden("control done")


@pytest.mark.parametrize(("coding", "expected"), [(LengthCoding.BCD, 10), (LengthCoding.BINARY, 16)])
async def test_pin_lengths_are_read_as_the_firmware_reads_them(coding: LengthCoding, expected: int) -> None:
    async with host(options=SzztZt598Options(lengths=coding)) as at:
        await at.ask(golden("maximum 16 in binary"))
        record = Information.decode((await at.ask(golden("information")))[5:-3])
        assert record.settings.maximum == expected


async def test_controls_and_key_map_stay_through_a_power_cut_and_go_with_a_wipe() -> None:
    async with host() as at:
        await at.ask(golden("minimum 4"))
        await at.ask(golden("maximum 6"))
        assert await at.ask(golden("key map, A to D on the left")) == golden("key map done")
        at.pad.power_off()
        at.pad.power_on()
        await asyncio.sleep(4)
        kept = Information.decode((await at.ask(golden("information")))[5:-3])
        assert (kept.settings.maximum, kept.key_map[7]) == (6, 0x08)
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        wiped = Information.decode((await at.ask(golden("information")))[5:-3])
        assert (wiped.settings.maximum, wiped.key_map[7]) == (12, 0)


async def test_broken_hexadecimal_is_spoken_until_the_host_asks_for_true() -> None:
    async with host(options=SzztZt598Options(hex_mode=HexMode.BROKEN)) as at:
        record = (await at.ask(golden("information")))[5:-3]
        assert b"041>?" not in record
        assert b"04001>??040<37300:00" in record
        await at.ask(golden("true hex"))
        assert b"04001EFF040C37370A00" in await at.ask(golden("information"))


async def test_user_information_is_written_and_read_back() -> None:
    async with host() as at:
        written = "kiosk 7".ljust(50).encode()
        assert await at.rtn(Command(Opcode.INFORMATION, written)) == Opcode.INFORMATION.success
        assert (await at.ask(golden("information")))[5:55] == written
        assert await at.rtn(Command(Opcode.INFORMATION, b"short")) == Rtn.COMMAND_LENGTH


async def test_the_pad_is_silent_after_a_reset() -> None:
    async with host() as at:
        await at.ask(golden("reset"))
        assert await at.ask(golden("information")) == b""
        await asyncio.sleep(3)
        assert await at.ask(golden("information")) == golden("information record")


@pytest.mark.parametrize("code", [0x46, 0x47, 0x48, 0x4A, 0x4F, 0x50, 0x66, 0x80, 0x86])
async def test_rsa_and_sm2_commands_are_not_known(code: int) -> None:
    async with host() as at:
        assert await at.rtn(Command(code, b"1")) == Rtn.PARAMETER


@pytest.mark.parametrize("spoil", [lambda frame: frame[:-1] + b"0", lambda frame: frame[:-3]])
async def test_a_damaged_command_is_not_answered(spoil: Callable[[bytes], bytes]) -> None:
    async with host() as at:
        assert await at.ask(spoil(golden("information"))) == b""
        assert await at.ask(golden("information")) == golden("information record")


async def test_a_command_of_wrong_length_is_refused() -> None:
    async with host() as at:
        assert await at.rtn(Command(Opcode.CONTROL, b"0")) == Rtn.COMMAND_LENGTH


async def test_the_pad_goes_on_when_the_host_opens_the_line_again() -> None:
    terminal, device = memory_line()
    pad = SzztZt598(scene=Scene(), entropy=lambda size: RANDOM[:size], keys=KEYS, uid=UID_11)
    first = asyncio.create_task(pad.serve(device))
    await asyncio.sleep(0.1)
    terminal.close()
    await first
    pad.press("1")
    terminal, device = memory_line()
    second = asyncio.create_task(pad.serve(device))
    assert await Host(pad, terminal).ask(golden("information")) == golden("information record")
    second.cancel()


# --- authentication


@pytest.mark.parametrize(
    ("form", "proved"),
    [(ProofForm.ENCRYPTED, "proved, UID 8 x 11, encrypted form"), (ProofForm.DECRYPTED, "proved, decrypted form")],
)
async def test_three_steps_authenticate(form: ProofForm, proved: str) -> None:
    async with host(options=SzztZt598Options(proof=form)) as at:
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.AUTHENTICATION
        assert await at.authenticate() == golden(proved)
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")


async def test_other_hosts_share_a_uid_of_double_length() -> None:
    async with host(uid=UID_88) as at:
        assert await at.authenticate(proof="prove, UID 16 x 88") == golden("proved, UID 16 x 88, encrypted form")


async def test_loading_may_be_authenticated_without_a_key() -> None:
    async with host(uid=UID_88) as at:
        await at.ask(golden("random, UID as input"))
        assert await at.ask(golden("prove for loading, UID 16 x 88")) == golden("proved for loading")
        assert await at.ask(golden("load PIN key 30 under 20")) == golden("PIN key loaded")


async def test_a_host_with_another_uid_is_refused_and_finally_locked_out() -> None:
    async with host(uid=UID_88, options=SzztZt598Options(failures_allowed=3)) as at:
        for _ in range(2):
            (refused,) = SZZT_ZT598.from_device().feed(await at.authenticate())
            assert refused == Reply(Rtn.AUTHENTICATION)
        (locked,) = SZZT_ZT598.from_device().feed(await at.authenticate())
        assert locked == Reply(Rtn.AUTHENTICATION_LOCKED)
        assert await at.rtn(golden("random, UID as input")) == Rtn.AUTHENTICATION_LOCKED
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.AUTHENTICATION_LOCKED


async def test_a_proof_can_not_be_used_again() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("reset"))
        await asyncio.sleep(4)
        assert await at.rtn(golden("prove, UID 8 x 11")) == Rtn.AUTHENTICATION


async def test_only_its_own_random_number_is_encrypted_with_a_key() -> None:
    """Else the second step would encrypt anything a host likes, with a PIN key too."""
    async with host() as at:
        await at.ask(golden("random, UID as input"))
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"30" + b"00" * 16)) == Rtn.AUTHENTICATION


async def test_one_authentication_may_be_good_for_one_use() -> None:
    async with host(options=SzztZt598Options(one_use_authentication=True)) as at:
        await at.authenticate()
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")
        assert await at.rtn(golden("MAC, slot 31, single DES")) == Rtn.AUTHENTICATION


# --- keys


async def test_keys_are_loaded_under_a_master_key_and_answered_by_their_check_value() -> None:
    async with host(keys={0x20: (KEY, Tag.TMK)}) as at:
        assert await at.rtn(golden("load PIN key 30 under 20")) == Rtn.AUTHENTICATION
        await at.authenticate()
        assert await at.ask(golden("load PIN key 30 under 20")) == golden("PIN key loaded")
        assert at.pad.snapshot()["keys"] == "20 TMK, 30 PIN, 20 SM4"


@pytest.mark.parametrize("length", [3, 4, 8])
async def test_firmwares_differ_in_the_length_of_check_values(length: int) -> None:
    async with host(options=SzztZt598Options(kcv_length=length)) as at:
        await at.authenticate()
        reply = await at.ask(golden("load PIN key 30 under 20"))
        assert reply[5:-3] == b"EB7A8DF91182DBE2"[: 2 * length]


@pytest.mark.parametrize(
    ("data", "rtn"),
    [
        (b"203092" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"201032" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"209032" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"203042" + b"0" * 32, Rtn.TAG_OR_NO_KEY),
        (b"203031" + b"0" * 32, Rtn.KEY_LENGTH),
        (b"203034" + b"0" * 32, Rtn.KEY_LENGTH),
        (b"213032" + b"0" * 32, Rtn.NO_TMK),
        (b"803032" + b"0" * 32, Rtn.NO_IMK),
        (b"323032" + b"0" * 32, Rtn.TAG_OR_NO_KEY),
        (b"203032" + b"x" * 32, Rtn.COMMAND_LENGTH),
    ],
)
async def test_a_key_goes_only_where_its_tag_belongs(data: bytes, rtn: Rtn) -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.LOAD_ENCRYPTED_KEY, data)) == rtn


async def test_an_erased_key_can_not_be_used() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(golden("erase slot 30")) == Opcode.LOAD_ENCRYPTED_KEY.success
        at.pad.snapshot()
        await at.ask(golden("start PIN, enter, backspace"))
        at.press("1", "2", "3", "4", "enter")
        await at.hear()
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.TAG_OR_NO_KEY


async def test_a_pad_from_the_factory_is_initialised_as_an_atm_does_it() -> None:
    """Wipe, all-zero initial key, UID, authentication with that key, then keys as cryptograms under it."""
    async with host(keys={}, uid=None) as at:
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert Information.decode((await at.ask(golden("information")))[5:-3]).settings.blank
        assert await at.ask(golden("load clear key, slot 00, zeros")) == golden("clear key of zeros loaded")
        assert await at.rtn(golden("set UID 16 x 88")) == Opcode.AUTHENTICATE.success
        assert await at.rtn(golden("load clear key, slot 00, three components")) == Rtn.AUTHENTICATION
        assert at.pad.snapshot()["keys"] == "00 TMK"


async def test_a_clear_key_may_come_as_three_components() -> None:
    async with host(keys={}, uid=None) as at:
        reply = await at.ask(golden("load clear key, slot 00, three components"))
        assert reply[5:-3] == b"08D7B4FB629D0885"


async def test_the_uid_may_be_loaded_as_a_clear_key_into_slot_80() -> None:
    async with host(keys={}, uid=None) as at:
        await at.rtn(Command(Opcode.LOAD_CLEAR_KEY, b"8002" + b"88" * 16))
        await at.ask(golden("random, UID as input"))
        assert await at.ask(golden("prove for loading, UID 16 x 88")) == golden("proved for loading")


async def test_macs_are_made_with_mac_keys_only() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")
        assert await at.ask(golden("MAC, slot 31, single DES")) == golden("MAC by single DES")
        for slot in (0x20, 0x30, 0x32):
            assert await at.rtn(mac(slot, MacType.TDES_CBC, bytes(8))) == Rtn.TAG_OR_NO_KEY
        assert await at.rtn(Command(Opcode.MAC, b"31A1234567")) == Rtn.COMMAND_LENGTH


async def test_data_are_enciphered_with_data_keys_only() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden("crypt, slot 32, ECB encrypt")) == golden("encrypted")
        assert await at.ask(golden("check value by crypt")) == golden("check value by crypt done")
        for slot in (b"20", b"30", b"31"):
            assert await at.rtn(Command(Opcode.CRYPT, slot + b"10011223344556677")) == Rtn.TAG_OR_NO_KEY
            assert await at.rtn(Command(Opcode.CRYPT, slot + b"A0011223344556677")) == Rtn.TAG_OR_NO_KEY


async def test_a_pin_key_never_opens_a_block() -> None:
    """Decryption with the PIN key would hand the host a clear PIN."""
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.CRYPT, b"30A3AD7A02DA925CD19")) == Rtn.TAG_OR_NO_KEY


# --- PIN entry


async def typed(at: Host, start: str, *keys: str) -> bytes:
    """Set lengths 4 to 6, start an entry, press keys; returns what the host heard of them."""
    await at.ask(golden("minimum 4"))
    await at.ask(golden("maximum 6"))
    assert await at.ask(golden(start)) == golden("PIN entry started")
    at.press(*keys)
    return await at.hear()


@pytest.mark.req("S1-64", "S1-67")
async def test_the_host_hears_only_stars_and_gets_only_the_enciphered_block() -> None:
    async with host() as at:
        await at.authenticate()
        assert await typed(at, "start PIN, enter, backspace", *"123456", "enter") == b"******\x0d"
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 123456")
        assert b"123456" not in at.wire


async def test_dialect_r_names_key_and_account_before_the_entry() -> None:
    async with host() as at:
        await at.authenticate()
        assert await typed(at, "start PIN, dialect R", *"1234") == b"****"
        assert at.pad.mode is KeypadMode.OFF
        assert await at.ask(golden("PIN block, dialect R")) == golden("PIN block of 1234")


@pytest.mark.parametrize(
    ("dialect", "start"), [(PinDialect.R, "start PIN, enter, backspace"), (PinDialect.JC, "start PIN, dialect R")]
)
async def test_a_firmware_may_know_one_dialect_only(dialect: PinDialect, start: str) -> None:
    async with host(options=SzztZt598Options(dialects=(dialect,))) as at:
        assert await at.rtn(golden(start)) == Rtn.COMMAND_LENGTH


async def test_an_automatic_end_needs_no_enter() -> None:
    async with host() as at:
        await at.authenticate()
        assert await typed(at, "start PIN, automatic end", *"1234567") == b"******"
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 123456")


@pytest.mark.req("S1-64")
async def test_the_clear_key_takes_back_one_digit_or_all() -> None:
    async with host() as at:
        await at.authenticate()
        heard = await typed(at, "start PIN, enter, backspace", *"1299", "clear", "backspace", *"34", "enter")
        assert heard == b"****\x08\x08**\x0d"
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")
        heard = await typed(at, "start PIN, enter, clear all", *"99999", "clear", "clear", *"1234", "enter")
        assert heard == b"*****\x08****\x0d"
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


async def test_enter_below_the_minimum_is_ignored() -> None:
    async with host() as at:
        assert await typed(at, "start PIN, enter, backspace", *"123", "enter", "4", "enter") == b"****\x0d"


async def test_the_double_zero_key_counts_as_two_digits() -> None:
    async with host() as at:
        assert await typed(at, "start PIN, enter, backspace", "1", "00", "00", "00", "enter") == b"******\x0d"


async def test_digits_beyond_the_maximum_and_keys_in_an_idle_pad_do_nothing() -> None:
    async with host() as at:
        assert await typed(at, "start PIN, enter, backspace", *"12345678", "enter", "1", "enter") == b"******\x0d"


async def cancel(at: Host) -> None:
    at.press("cancel")
    assert await at.hear() == b"\x1b"


async def keypad_off(at: Host) -> None:
    await at.ask(golden("keypad off"))


async def reset(at: Host) -> None:
    await at.ask(golden("reset"))
    await asyncio.sleep(4)
    await at.authenticate()


async def power_cut(at: Host) -> None:
    at.pad.power_off()
    at.pad.power_on()
    await asyncio.sleep(4)
    await at.authenticate()


@pytest.mark.req("S1-67")
@pytest.mark.parametrize("end", [cancel, keypad_off, reset, power_cut])
async def test_the_pin_is_forgotten_at_every_other_end(end: Callable[[Host], object]) -> None:
    async with host() as at:
        await at.authenticate()
        keys = "1234" if end is cancel else "123456"
        start = "start PIN, enter, backspace" if end is cancel else "start PIN, automatic end"
        await typed(at, start, *keys)
        await end(at)  # type: ignore[misc]
        assert at.pad.snapshot()["PIN"] == ""
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.OTHER


async def test_a_pin_gives_one_block() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        await at.ask(golden("PIN block, dialect JC"))
        await at.ask(golden("fill FF"))
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.OTHER


async def test_a_block_for_an_unfinished_pin_is_refused() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234")
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.OTHER


@pytest.mark.req("S1-64")
async def test_the_time_limit_ends_an_entry_with_80() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("PIN timeout 30 s"))
        await typed(at, "start PIN, enter, backspace", *"123")
        assert await at.hear(29) == b""
        assert await at.hear(1) == bytes([KeyCode.TIMED_OUT])
        assert at.pad.mode is KeypadMode.OFF
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.PIN_TIMEOUT


async def test_an_accepted_pin_waits_one_minute_for_its_block() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        await asyncio.sleep(60)
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.PIN_TIMEOUT


async def test_a_block_needs_authentication_a_pin_key_and_a_known_format() -> None:
    async with host() as at:
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.AUTHENTICATION
        await at.authenticate()
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"31 123456789012")) == Rtn.TAG_OR_NO_KEY
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"30\x40")) == Rtn.ILLEGAL_DATA
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"30 12345678901")) == Rtn.ILLEGAL_DATA
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


# --- clear entry


async def test_an_amount_is_typed_in_clear() -> None:
    async with host() as at:
        await at.ask(golden("clear entry on"))
        at.press("5", "00", "clear", "f1", "enter", "cancel")
        assert await at.hear() == b"5\x22\x08A\x0d\x1b"


async def test_clear_entry_and_pin_entry_exclude_each_other() -> None:
    async with host() as at:
        await at.ask(golden("clear entry on"))
        assert await at.rtn(golden("start PIN, enter, backspace")) == Rtn.INPUT_MODE
        await at.ask(golden("keypad off"))
        await at.ask(golden("start PIN, enter, backspace"))
        assert await at.rtn(golden("clear entry on")) == Rtn.INPUT_MODE


async def test_the_key_map_says_which_keys_there_are_and_what_they_send() -> None:
    async with host() as at:
        await at.ask(golden("clear entry on"))
        at.press("00", "blank")
        assert await at.hear() == b"\x22"
        await at.ask(golden("key map, A to D on the left"))
        at.press("00", "blank")
        assert await at.hear() == b"\x23\x07"


async def test_beeps_are_heard_and_can_be_switched_off() -> None:
    async with host() as at:
        await typed(at, "start PIN, enter, backspace", "1", "2")
        await at.ask(golden("one beep"))
        assert at.pad.beeps == 3
        await at.ask(golden("beep off"))
        at.press("3")
        assert at.pad.beeps == 3


# --- repeated commands and spoilt replies


@pytest.mark.parametrize("fault", [ReplyFault.LOST, ReplyFault.BAD_LRC])
async def test_a_repeated_block_command_gets_the_same_block(fault: ReplyFault) -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        at.pad.fail_next(Opcode.PIN_BLOCK, fault)
        spoilt = await at.ask(golden("PIN block, dialect JC"))
        assert spoilt != golden("PIN block of 1234")
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


async def test_a_repeated_start_keeps_what_was_typed() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", "1", "2")
        await at.ask(golden("start PIN, enter, backspace"))
        at.press("3", "4", "enter")
        await at.hear()
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


async def test_a_repeated_random_number_is_the_same_one() -> None:
    draws: Iterator[int] = iter(range(100))
    terminal, device = memory_line()
    pad = SzztZt598(scene=Scene(), entropy=lambda size: bytes([next(draws)] * size), keys=KEYS, uid=UID_11)
    serving = asyncio.create_task(pad.serve(device))
    at = Host(pad, terminal)
    first = await at.ask(golden("random, UID as input"))
    assert await at.ask(golden("random, UID as input")) == first
    await asyncio.sleep(11)
    assert await at.ask(golden("random, UID as input")) != first
    serving.cancel()


async def test_keys_may_come_before_or_inside_a_reply() -> None:
    async with host() as at:
        at.pad.fail_next(Opcode.CONTROL, ReplyFault.KEY_BEFORE)
        at.pad.fail_next(Opcode.INFORMATION, ReplyFault.KEY_INSIDE)
        assert await at.ask(golden("fill FF")) == b"*" + golden("control done")
        events: list[Event[Reply | KeyByte]] = SZZT_ZT598.from_device().feed(await at.ask(golden("information")))
        assert isinstance(events[0], Damaged)


async def test_any_error_can_be_planted() -> None:
    async with host() as at:
        at.pad.fail_next(Opcode.CONTROL, Rtn.EEPROM, ReplyFault.LOST)
        assert await at.rtn(golden("fill FF")) == Rtn.EEPROM
        assert await at.ask(golden("fill FF")) == b""
        assert await at.ask(golden("fill FF")) == golden("control done")


# --- attacks and accidents


async def test_tampering_erases_everything_until_the_pad_is_initialised_again() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234")
        at.pad.tamper()
        at.press("5")
        assert await at.hear() == b""
        for name in ("MAC, slot 31, TDES", "keypad off", "start PIN, enter, backspace", "random, UID as input"):
            assert await at.ask(golden(name)) == golden("error DD")
        assert await at.ask(golden("installation state")) == golden("installed")
        assert Information.decode((await at.ask(golden("information")))[5:-3]).settings.blank
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert await at.ask(golden("keypad off")) == golden("control done")
        assert at.pad.snapshot()["keys"] == ""


async def test_taking_the_pad_out_is_noticed() -> None:
    async with host() as at:
        at.pad.lift()
        assert await at.ask(golden("wipe")) == golden("error FF")
        assert (await at.ask(golden("installation state")))[5:8] == b"001"
        at.pad.mount()
        assert await at.ask(golden("keypad off")) == golden("error DD")
        assert await at.rtn(Command(Opcode.CLEAR_INSTALLATION_FLAG)) == Opcode.CLEAR_INSTALLATION_FLAG.success
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert await at.ask(golden("installation state")) == golden("installed")


async def test_a_low_battery_stops_the_use_of_keys() -> None:
    async with host() as at:
        await at.authenticate()
        at.pad.battery(good=False)
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.BATTERY_LOW
        at.pad.battery(good=True)
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")


async def test_a_pad_without_power_says_nothing() -> None:
    async with host() as at:
        at.pad.power_off()
        assert await at.ask(golden("information")) == b""
        assert at.pad.snapshot()["state"] == "no power"


# --- SM4


async def test_sm4_keys_have_slots_of_their_own() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(golden("SM4 clear load, slot 01")) == Rtn.SM4_KEY_VALUE
        await at.ask(golden("SM4 keys may be equal"))
        assert await at.ask(golden("SM4 clear load, slot 01")) == golden("SM4 clear key loaded")
        assert await at.rtn(golden("SM4 delete all")) == Opcode.SM4_DELETE.success
        assert at.pad.snapshot()["keys"] == "20 TMK, 30 PIN, 31 MAC, 32 DATA"


async def test_an_sm4_pin_block_is_made_with_an_sm4_key() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"123456", "enter")
        assert await at.ask(golden("SM4 PIN block, slot 20")) == golden("SM4 PIN block of 123456")
        await at.ask(golden("fill FF"))
        assert await at.rtn(golden("SM4 PIN block, slot 20")) == Rtn.OTHER


async def test_an_sm4_key_that_made_pin_blocks_does_nothing_else() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"123456", "enter")
        await at.ask(golden("SM4 PIN block, slot 20"))
        decrypt = b"203241" + b"0" * 32 + b"D664C07BA219562A239841632F092577"
        assert await at.rtn(Command(Opcode.SM4_CRYPT, decrypt)) == Rtn.TAG_OR_NO_KEY


async def test_sm4_working_keys_come_under_an_sm4_master_key() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(Command(Opcode.SM4_LOAD_CLEAR_KEY, b"021234567890ABCDEFABCDEF0987654321"))
        reply = await at.ask(Command(Opcode.SM4_LOAD_ENCRYPTED_KEY, b"3002213D66234C49E4296FF9C78D8BACBD6A76"))
        assert reply[5:21] == b"861E83E31FAEBF10"
        assert await at.rtn(Command(Opcode.SM4_LOAD_ENCRYPTED_KEY, b"300321" + b"0" * 32)) == Rtn.NO_TMK


async def test_sm4_encrypts_and_macs() -> None:
    key = b"0123456789ABCDEFFEDCBA9876543210"
    iv = b"0" * 32
    async with host() as at:
        await at.authenticate()
        crypt = await at.ask(Command(Opcode.SM4_CRYPT, b"203141" + iv + key))
        assert crypt[5:-3] == b"681EDF34D206965E86B3E94F536E4246"
        assert await at.rtn(Command(Opcode.SM4_MAC, b"20" + iv + b"43" + key)) == Rtn.TAG_OR_NO_KEY
    async with host() as at:
        await at.authenticate()
        result = await at.ask(Command(Opcode.SM4_MAC, b"20" + iv + b"43" + key))
        assert result[5:-3] == b"681EDF34D206965E86B3E94F536E4246"


async def test_the_sm_chip_tells_its_version_in_broken_hexadecimal() -> None:
    async with host() as at:
        reply = await at.ask(golden("SM chip version"))
        assert reply[5:-3] == b"53494=24312>30"


# --- secrets


@pytest.mark.req("S1-43", "S1-67")
async def test_no_pin_and_no_key_leaves_the_pad_on_the_line_or_in_words() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("load PIN key 30 under 20"))
        await typed(at, "start PIN, enter, backspace", *"839174")
        while_typing = f"{at.pad!r} {at.pad.snapshot()} {vars(at.pad)}"
        at.press("enter")
        await at.hear()
        await at.ask(golden("PIN block, dialect JC"))
        said = f"{while_typing} {at.pad!r} {at.pad.snapshot()} {vars(at.pad)}"
        for secret in ("839174", "123456789012", KEY.hex(), PIN_KEY.hex(), str(KEY), str(PIN_KEY), UID_11.hex()):
            assert secret.lower() not in said.lower()
            assert secret.lower() not in at.wire.hex().lower()
            assert secret.upper().encode() not in at.wire
        assert b"839174".hex() not in at.wire.hex()
