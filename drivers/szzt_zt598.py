"""Driver of the SZZT ZT588 / ZT598 encrypting PIN pad.

The line has no acknowledgements: a command that gets no valid reply is sent again, which this pad takes for the same
command. Keys come as bare bytes between frames; while a PIN is typed, a digit is only ever `*`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from math import ceil

from drivers.interfaces import (
    AntiFraudModule,
    BatteryState,
    CompletionCode,
    CryptoMethod,
    DataEntered,
    DeviceError,
    DeviceState,
    EncryptionState,
    EntryCompletion,
    KeyName,
    KeyPress,
    MacAlgorithm,
    PinEntered,
    PinFormat,
    PinPadCapabilities,
    PinPadStatus,
)
from drivers.link import Link
from drivers.szzt_zt598_errors import PadRefused
from drivers.szzt_zt598_keys import MACS, PadKeys
from drivers.szzt_zt598_pin_blocks import PinBlocks, no_pin
from drivers.szzt_zt598_session import Authentication, PadSession, SzztZt598Options
from protocol.pin_block import MAX_PIN_LENGTH
from protocol.szzt_zt598 import Command, Information
from protocol.szzt_zt598_commands import control, start_pin_entry, start_pin_entry_for
from protocol.szzt_zt598_tables import (
    DIGITS,
    KEY_HOLD,
    PIN_TIMEOUT_NONE,
    Action,
    ClearKey,
    ClearMode,
    EndMode,
    HexMode,
    KeyCode,
    Opcode,
    Parameter,
    PinDialect,
)
from protocol.wire import RemoteProtocolError

__all__ = ["Authentication", "SzztZt598", "SzztZt598Options"]

_ENDINGS = {
    KeyCode.ENTER: (KeyPress.ENTER, EntryCompletion.ENTER),
    KeyCode.CANCEL: (KeyPress.CANCEL, EntryCompletion.CANCEL),
    KeyCode.TIMED_OUT: (None, EntryCompletion.TIME_OUT),
}
_PIN_DIGITS = {KeyCode.STAR: 1, KeyCode.DOUBLE_ZERO: 2, KeyCode.DOUBLE_ZERO_OLD: 2}


class SzztZt598:
    """The pad on one link; implements drivers.interfaces.PinPad."""

    def __init__(self, link: Link, options: SzztZt598Options | None = None) -> None:
        self._options = options or SzztZt598Options()
        self._pad = PadSession(link, self._options)
        self._keys = PadKeys(self._pad, self._options)
        self._blocks = PinBlocks(self._pad, self._options)
        self._turn = asyncio.Lock()
        self._entering = False
        self._keypad_may_be_on = False
        self._account = ""
        self._pin_lengths = range(0)  # of the PIN that waits in the pad; empty: none does

    # --- PinPad

    @property
    def capabilities(self) -> PinPadCapabilities:
        """What the pad can make with keys of the algorithm that the options name."""
        algorithm = self._options.algorithm
        return PinPadCapabilities(algorithm, self._blocks.formats, MACS[algorithm])

    async def reset(self) -> None:
        """Bring the pad to its idle state; keys stay. Raises DeviceError."""
        async with self._turn:
            await self._restart(Action.RESET)
            await self._pad.ask_if_known(control(Parameter.KEY_HOLD, KEY_HOLD + self._options.key_hold))

    async def initialization(self) -> None:
        """Zeroise: every key, the UID and all settings are erased. Raises DeviceError."""
        async with self._turn:
            await self._restart(Action.WIPE)

    async def status(self) -> PinPadStatus:
        """Ask the pad, and whether it still has its keys; an entry in progress is not disturbed."""
        if self._entering:
            return PinPadStatus(DeviceState.DEVICE_BUSY, EncryptionState.READY, "an entry is in progress")
        try:
            async with self._my_turn():
                return await self._status()
        except PadRefused as refusal:
            return PinPadStatus(
                refusal.state,
                EncryptionState.NOT_READY,
                str(refusal),
                AntiFraudModule.DEVICE_DETECTED if refusal.tampered else AntiFraudModule.UNKNOWN,
                BatteryState.LOW if refusal.battery_low else BatteryState.UNKNOWN,
            )
        except DeviceError as failure:
            return PinPadStatus(DeviceState.OFFLINE, EncryptionState.NOT_READY, str(failure))

    async def import_key(self, key: KeyName, cryptogram: bytes) -> bytes:
        """Load a working key that is encrypted under the master key; returns its check value for the caller to compare.

        Raises DeviceError: keyNotFound (no master key), invalidKeyLength, accessDenied.
        """
        self._keys.check_import(key, cryptogram)
        async with self._my_turn():
            return await self._keys.load(key, cryptogram)

    async def delete_key(self, key: KeyName) -> None:
        """Erase one key. Raises DeviceError."""
        async with self._my_turn():
            await self._keys.delete(key)

    async def set_pin_block_data(self, customer_data: str) -> None:
        """PAN12 for the next PIN entry: dialect R wants it before the first digit, the other one does not care."""
        self._account = self._checked_account(customer_data)

    async def pin_entry(
        self,
        *,
        min_len: int,
        max_len: int,
        auto_end: bool,
        timeout: float,
        on_key: Callable[[KeyPress], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> PinEntered:
        """Let the customer type a PIN; `timeout` in seconds. Ends with the keypad off, however it ends."""
        if not 0 < min_len <= max_len <= MAX_PIN_LENGTH:
            raise self._pad.error(CompletionCode.INVALID_DATA, f"a PIN can't have {min_len} to {max_len} digits")
        async with self._entry():
            first = await self._start_pin(min_len, max_len, auto_end, timeout)
            on_ready()
            deadline = asyncio.get_running_loop().time() + timeout
            ends_itself = auto_end or self._options.dialect is PinDialect.R
            entered = await self._typed_pin(first, max_len if ends_itself else None, max_len, deadline, on_key)
            if entered.completion in (EntryCompletion.ENTER, EntryCompletion.AUTO):
                self._pin_lengths = range(min_len, max_len + 1)
                self._keypad_may_be_on = False
                return entered
            await self._keypad_off()
            return PinEntered(0, entered.completion)

    async def get_pin_block(self, customer_data: str, fmt: PinFormat = PinFormat.ISO0) -> bytes:
        """The PIN just typed as a block under the PIN key, once; `customer_data` is PAN12 (no check digit).

        However this ends, the pad holds no PIN afterwards. Raises DeviceError: noPin, entryTimeout, keyNotFound,
        accessDenied, formatNotSupported.
        """
        account = self._checked_account(customer_data)
        command = self._blocks.command(account, self._account, fmt)
        async with self._my_turn():
            lengths, self._pin_lengths = self._pin_lengths, range(0)
            if not lengths:
                raise no_pin(self._pad, "no PIN waits in the pad")
            try:
                return await self._blocks.ask(command, lengths)
            except BaseException:
                await self._keypad_surely_off()
                raise

    async def data_entry(
        self,
        *,
        max_len: int,
        timeout: float,
        on_key: Callable[[KeyPress, str], None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> DataEntered:
        """Let the customer type digits in clear: an amount, never a PIN. `timeout` in seconds."""
        async with self._entry():
            await self._keypad_off()
            await self._pad.until_quiet()
            self._keypad_may_be_on = True
            await self._pad.ask(control(Parameter.ACTION, Action.KEYPAD_CLEAR))
            on_ready()
            deadline = asyncio.get_running_loop().time() + timeout
            keys, completion = "", EntryCompletion.TIME_OUT
            while (code := await self._pad.next_key(deadline)) is not None:
                if code in _ENDINGS:
                    press, completion = _ENDINGS[code]
                    if press is not None:
                        on_key(press, keys)
                    break
                if code is KeyCode.CLEAR and keys:
                    keys = keys[:-1]
                    on_key(KeyPress.BACKSPACE, keys)
                elif code in DIGITS and len(keys + DIGITS[code]) <= max_len:
                    keys += DIGITS[code]
                    on_key(KeyPress.DIGIT, keys)
            await self._keypad_off()
            return DataEntered(keys, completion)

    async def generate_authentication(self, data: bytes, algorithm: MacAlgorithm) -> bytes:
        """The 8-byte MAC over `data` under the MAC key. Raises DeviceError: keyNotFound, algorithmNotSupported."""
        async with self._my_turn():
            return await self._keys.mac(data, algorithm)

    async def crypto_data(
        self, data: bytes, *, encrypt: bool, method: CryptoMethod = CryptoMethod.ECB, iv: bytes = b""
    ) -> bytes:
        """Whole blocks encrypted or decrypted under the data key. Raises DeviceError: keyNotFound, accessDenied."""
        async with self._my_turn():
            return await self._keys.crypt(data, encrypt=encrypt, method=method, iv=iv)

    async def generate_random(self) -> bytes:
        """8 or 16 bytes of chance from the pad. Raises DeviceError."""
        async with self._my_turn():
            return await self._keys.random()

    # --- steps

    async def _start_pin(self, min_len: int, max_len: int, auto_end: bool, timeout: float) -> KeyCode | None:
        """Configure and start; returns a key that came before the pad said that it had started."""
        options = self._options
        seconds = ceil(timeout) + 1
        controls = (
            control(Parameter.PIN_TIMEOUT, seconds if seconds < PIN_TIMEOUT_NONE else PIN_TIMEOUT_NONE),
            control(Parameter.FILL, 0xFF),
            control(Parameter.MINIMUM, options.lengths.to_byte(min_len)),
            control(Parameter.MAXIMUM, options.lengths.to_byte(max_len)),
        )
        await self._keypad_off()
        await self._pad.until_quiet()  # a key of an earlier entry may be on its way still
        for command in controls:
            await self._pad.ask(command)
        # A pad without its PIN key shall say so before the customer types, not after.
        await self._pad.authenticate_for(self._blocks.authentication)
        if options.dialect is PinDialect.R:
            if not self._account:
                detail = "dialect R needs set_pin_block_data before pin_entry"
                raise self._pad.error(CompletionCode.SEQUENCE_ERROR, detail)
            start = start_pin_entry_for(options.pin_slot, max_len, self._account)
        else:
            await self._pad.ask_if_known(control(Parameter.CLEAR_KEY, ClearKey.BACKSPACE))
            start = start_pin_entry(EndMode.AUTO if auto_end else EndMode.ENTER, ClearMode.BACKSPACE)
        self._keypad_may_be_on = True
        return await self._pad.ask_for_keys(start)

    async def _typed_pin(
        self,
        first: KeyCode | None,
        ends_at: int | None,
        max_len: int,
        deadline: float,
        on_key: Callable[[KeyPress], None],
    ) -> PinEntered:
        """Follow the keys until the entry ends. `first` came already; `deadline` is loop time."""
        digits = 0
        while (code := first or await self._pad.next_key(deadline)) is not None:
            first = None
            if code is KeyCode.ENTER and not digits:
                continue  # of an earlier entry: the pad ends none that is empty
            if code in _ENDINGS:
                press, completion = _ENDINGS[code]
                if press is not None:
                    on_key(press)
                return PinEntered(digits, completion)
            if code is KeyCode.CLEAR and digits:
                digits -= 1
                on_key(KeyPress.BACKSPACE)
            for _ in range(min(_PIN_DIGITS.get(code, 0), max_len - digits)):
                digits += 1
                on_key(KeyPress.DIGIT)
            if digits == ends_at:
                return PinEntered(digits, EntryCompletion.AUTO)
        return PinEntered(digits, EntryCompletion.TIME_OUT)

    async def _status(self) -> PinPadStatus:
        information = await self._information()
        detail = f"{information.model} {information.firmware}, serial {information.serial}"
        state = await self._pad.ask_if_known(Command(Opcode.INSTALLATION_STATE, b"0"))
        if state[2:3] == b"1":
            return PinPadStatus(
                DeviceState.FRAUD_ATTEMPT,
                EncryptionState.NOT_READY,
                "the pad was taken out",
                AntiFraudModule.DEVICE_DETECTED,
            )
        keys = await self._keys.state()
        return PinPadStatus(DeviceState.ONLINE, keys, detail, AntiFraudModule.OK, BatteryState.GOOD)

    async def _restart(self, action: Action) -> None:
        self._pin_lengths = range(0)
        self._pad.forget_authentication()
        self._pad.answers_again()
        await self._pad.ask(control(Parameter.ACTION, action))
        self._keypad_may_be_on = False
        await asyncio.sleep(self._options.silence)
        await self._pad.ask(control(Parameter.LINE, HexMode.TRUE))
        await self._information()

    async def _keypad_off(self) -> None:
        await self._pad.ask(control(Parameter.ACTION, Action.KEYPAD_OFF))
        self._keypad_may_be_on = False

    async def _information(self) -> Information:
        try:
            return Information.decode(await self._pad.ask(Command(Opcode.INFORMATION)))
        except RemoteProtocolError as fault:
            raise self._pad.unreadable(Opcode.INFORMATION, fault) from None

    # --- entries

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """One command at a time; first the keypad is switched off, if the end of an entry could not be told the pad."""
        async with self._turn:
            if self._keypad_may_be_on:
                await self._keypad_off()
            yield

    @asynccontextmanager
    async def _entry(self) -> AsyncIterator[None]:
        """An entry: whatever breaks it off, the keypad is off afterwards."""
        async with self._turn:
            self._entering = True
            self._pin_lengths = range(0)
            try:
                yield
            except BaseException:
                await self._keypad_surely_off()
                raise
            finally:
                self._entering = False

    async def _keypad_surely_off(self) -> None:
        """Runs to its end even if cancelled again; a pad that can't be reached is found out by the next command."""
        work = asyncio.ensure_future(self._quiet_keypad_off())
        cancelled = False
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled:
            raise asyncio.CancelledError

    async def _quiet_keypad_off(self) -> None:
        with suppress(DeviceError):
            await self._pad.until_quiet()
            await self._keypad_off()
            await self._pad.until_quiet(self._options.late)  # for the reply to a command that was broken off

    # --- words

    def _checked_account(self, customer_data: str) -> str:
        if len(customer_data) != 12 or not (customer_data.isascii() and customer_data.isdigit()):
            raise self._pad.error(CompletionCode.INVALID_DATA, "customer data must be the 12 digits of PAN12")
        return customer_data
