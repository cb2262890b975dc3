"""Typing a PIN, which only ever leaves as stars, and an amount."""

import asyncio
import warnings
from collections.abc import Callable

import pytest

from protocol.keys import Cipher, decrypt
from protocol.szzt_zt598 import Command
from protocol.szzt_zt598_tables import (
    KeyCode,
    Opcode,
    PinDialect,
    PinFormat,
    Rtn,
)
from simulators.devices.szzt_zt598 import KeypadMode, SzztZt598Options
from tests.simulators.devices.szzt_zt598_host import (
    PIN_KEY,
    Host,
    golden,
    host,
    typed,
)

# --- PIN entry


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
        assert (at.pad.mode, at.pad.snapshot()["PIN"]) == (KeypadMode.OFF, "")
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.PIN_TIMEOUT


async def test_an_accepted_pin_waits_one_minute_for_its_block() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        await asyncio.sleep(60)
        assert at.pad.snapshot()["PIN"] == ""
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.PIN_TIMEOUT


async def test_a_block_needs_authentication_a_pin_key_and_a_known_format() -> None:
    async with host() as at:
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.AUTHENTICATION
        await at.authenticate()
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"31 123456789012")) == Rtn.TAG_OR_NO_KEY
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"30\x62" + b"1" * 24)) == Rtn.ILLEGAL_DATA
        assert await at.rtn(Command(Opcode.PIN_BLOCK, b"30 12345678901")) == Rtn.ILLEGAL_DATA
        assert await at.ask(golden("PIN block, dialect JC")) == golden("PIN block of 1234")


@pytest.mark.parametrize(
    ("asked", "block"),
    [
        ("PIN block, IBM 3624", "PIN 1234 by IBM 3624"),
        ("PIN block, ASCII", "PIN 1234 in ASCII"),
        ("PIN block, ISO-2", "PIN 1234 by ISO-2"),
    ],
)
async def test_other_formats_are_made_too(asked: str, block: str) -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"1234", "enter")
        assert await at.ask(golden(asked)) == golden(block)


@pytest.mark.parametrize("fmt", [PinFormat.ISO_0, PinFormat.ISO_3])
async def test_blocks_are_those_of_another_library(fmt: PinFormat) -> None:
    """psec opens what the pad sealed."""
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"12345", "enter")
        reply = await at.ask(Command(Opcode.PIN_BLOCK, b"30%c123456789012" % fmt))
        clear = decrypt(Cipher.TDES, PIN_KEY, bytes.fromhex(reply[9:-3].decode()))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from psec import pinblock as oracle
        opened = oracle.decode_pinblock_iso_0 if fmt is PinFormat.ISO_0 else oracle.decode_pinblock_iso_3
        assert opened(clear, "1234567890120") == "12345"


async def test_a_pin_too_long_for_a_format_gives_no_block() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("maximum 12 in BCD"))
        await at.ask(golden("start PIN, enter, backspace"))
        at.press(*"123456789", "enter")
        await at.hear()
        assert await at.rtn(golden("PIN block, ASCII")) == Rtn.ILLEGAL_DATA


async def test_dialect_r_needs_no_account_for_a_format_without_one() -> None:
    async with host() as at:
        await at.authenticate()
        assert await typed(at, "start PIN, dialect R, ASCII, no account", *"1234") == b"****"
        assert await at.ask(golden("PIN block, dialect R")) == golden("PIN 1234 in ASCII")


async def test_a_control_says_what_the_clear_key_does_in_dialect_r() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("clear key clears all"))
        assert await typed(at, "start PIN, dialect R", *"99", "clear", *"1234") == b"**\x08****"
        assert await at.ask(golden("PIN block, dialect R")) == golden("PIN block of 1234")


async def test_function_keys_are_heard_only_where_the_clear_key_is_backspace() -> None:
    async with host() as at:
        assert await typed(at, "start PIN, enter, backspace", "1", "f1") == b"*A"
        await at.ask(golden("keypad off"))
        assert await typed(at, "start PIN, enter, clear all", "1", "f1") == b"*"


@pytest.mark.parametrize(("is_none", "heard"), [(True, b""), (False, b"\x80")])
async def test_a_time_limit_of_ff_is_none_or_the_longest(is_none: bool, heard: bytes) -> None:
    async with host(options=SzztZt598Options(timeout_ff_is_none=is_none)) as at:
        await at.ask(golden("PIN timeout maximum"))
        await typed(at, "start PIN, enter, backspace", "1")
        assert await at.hear(256) == heard


# --- fingers


async def test_keys_mashed_together_make_no_more_digits_than_were_asked_for() -> None:
    async with host() as at:
        await at.ask(golden("maximum 6"))
        await at.ask(golden("start PIN, enter, backspace"))
        at.pad.mash()
        assert await at.hear() == b"******\x0d"


async def test_a_keypad_that_is_blind_after_a_key_sees_one_of_them() -> None:
    async with host(options=SzztZt598Options(debounce=0.02)) as at:
        await at.ask(golden("start PIN, enter, backspace"))
        at.pad.mash()
        assert await at.hear() == b"*"


async def test_a_stuck_key_counts_once_and_blocks_the_others_for_the_key_hold_time() -> None:
    async with host() as at:
        await at.ask(golden("key hold 3 s"))
        await at.ask(golden("start PIN, enter, backspace"))
        at.pad.stick("1")
        at.press("1", "2")
        assert await at.hear(3) == b"*"
        at.press("1", "2", "3", "4", "enter")
        assert await at.hear() == b"***\x0d"
        at.pad.unstick()
        await at.ask(Command(Opcode.CONTROL, b"A10"))
        await at.ask(golden("start PIN, enter, backspace"))
        at.pad.stick("1")
        assert await at.hear(20) == b"*"
        at.press("2")
        assert await at.hear() == b""


async def test_keys_may_reach_the_line_late() -> None:
    async with host() as at:
        await at.ask(golden("start PIN, enter, backspace"))
        at.pad.delay_keys(2)
        at.press("1")
        assert await at.hear(1.9) == b""
        assert await at.hear(0.2) == b"*"


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
