"""The commands of the simulated PIN pad: what each one asks for, and what the pad answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias, TypeVar

from protocol.szzt_zt598 import Information, Settings, from_hex, request_fields, split, to_hex
from protocol.szzt_zt598_tables import (
    KEY_HOLD,
    PIN_TIMEOUT_NONE,
    SPEEDS,
    START_PIN_ENTRY_R,
    Action,
    ClearKey,
    ClearMode,
    EndMode,
    HexMode,
    Opcode,
    Parameter,
    PinDialect,
    Rtn,
)
from protocol.wire import RemoteProtocolError
from simulators.devices.szzt_zt598_keypad import Keypad, KeypadMode, PinRules
from simulators.devices.szzt_zt598_options import CheckValueForm, SzztZt598Options
from simulators.devices.szzt_zt598_refusal import PadRefuses
from simulators.devices.szzt_zt598_vault import Vault

Parts: TypeAlias = dict[str, bytes]
E = TypeVar("E", bound=IntEnum)

USES_KEYS = (
    Opcode.LOAD_CLEAR_KEY,
    Opcode.LOAD_ENCRYPTED_KEY,
    Opcode.PIN_BLOCK,
    Opcode.MAC,
    Opcode.CRYPT,
    Opcode.SM4_LOAD_CLEAR_KEY,
    Opcode.SM4_LOAD_ENCRYPTED_KEY,
    Opcode.SM4_CRYPT,
    Opcode.SM4_MAC,
    Opcode.SM4_DELETE,
    Opcode.SM4_PIN_BLOCK,
)


SM_COMMANDS = (*(opcode for opcode in USES_KEYS if opcode.name.startswith("SM4")), Opcode.SM_CHIP_VERSION)


@dataclass(frozen=True, slots=True)
class _Controls:
    """What CONTROL, KEY_MAP and INFORMATION set; lasts through power cuts, until a wipe."""

    timeout: int = 30
    fill: int = 0xFF
    minimum: int = 4
    maximum: int = 12
    speed: int = 9600
    beep: int = 10
    user: str = "SIM"


class Commands:
    """Carries out commands on the vault and the keypad of one pad."""

    def __init__(self, vault: Vault, keypad: Keypad, options: SzztZt598Options) -> None:
        self._vault = vault
        self._keypad = keypad
        self._options = options
        self._controls = _Controls(speed=options.speed)
        self._hex_mode = options.hex_mode
        self._clear_key = ClearKey.BACKSPACE
        self._entry: Parts = {}  # what dialect R named at the start of the entry
        self.installed = True
        self._handlers: Mapping[Opcode, Callable[[Parts], bytes]] = {
            Opcode.LOAD_CLEAR_KEY: self._load_clear_key,
            Opcode.LOAD_ENCRYPTED_KEY: self._load_encrypted_key,
            Opcode.INFORMATION: self._information,
            Opcode.KEY_MAP: self._key_map,
            Opcode.CONTROL: self._control,
            Opcode.START_PIN_ENTRY: self._start_pin_entry,
            Opcode.PIN_BLOCK: self._pin_block,
            Opcode.MAC: self._mac,
            Opcode.CRYPT: self._crypt,
            Opcode.AUTHENTICATE: self._authenticate,
            Opcode.PAD_ID: self._pad_id,
            Opcode.RANDOM: self._random,
            Opcode.INSTALLATION_STATE: self._installation_state,
            Opcode.CLEAR_INSTALLATION_FLAG: self._clear_installation_flag,
            Opcode.SM4_LOAD_CLEAR_KEY: self._sm4_load_clear_key,
            Opcode.SM4_LOAD_ENCRYPTED_KEY: self._sm4_load_encrypted_key,
            Opcode.SM4_CRYPT: self._sm4_crypt,
            Opcode.SM4_MAC: self._sm4_mac,
            Opcode.SM4_DELETE: self._sm4_delete,
            Opcode.SM4_PIN_BLOCK: self._sm4_pin_block,
            Opcode.SM_CHIP_VERSION: self._sm_chip_version,
        }

    def execute(self, opcode: Opcode, data: bytes) -> bytes:
        """Do it; returns the data of the reply. Raises PadRefuses."""
        if opcode in SM_COMMANDS and not self._options.sm_chip:
            raise PadRefuses(Rtn.SM_CHIP_ABSENT)
        if opcode in USES_KEYS:
            self._vault.require_authentication()
        fields = request_fields(opcode, data) if data or opcode is not Opcode.INFORMATION else ()
        try:
            answer = self._handlers[opcode](split(fields, data))
        except RemoteProtocolError:
            raise PadRefuses(Rtn.COMMAND_LENGTH) from None
        if opcode in USES_KEYS and self._options.one_use_authentication:
            self._vault.authenticated = False
        return answer

    def forget_volatile(self) -> None:
        """What a reset and a power cut end: PIN, keypad mode, authentication, hexadecimal mode."""
        self._keypad.off()
        self._vault.forget_session()
        self._entry = {}
        self._hex_mode = self._options.hex_mode

    # --- commands: information and controls

    def _information(self, parts: Parts) -> bytes:
        if parts:
            if len(parts["user information"]) != 50:
                raise PadRefuses(Rtn.COMMAND_LENGTH)
            self._controls = replace(self._controls, user=parts["user information"].decode("latin-1"))
            return b""
        settings = Settings(
            blank=self._vault.blank,
            keypad_on=self._keypad.mode is not KeypadMode.OFF,
            sound=self._keypad.sound,
            timeout=self._controls.timeout,
            fill=self._controls.fill,
            minimum=self._controls.minimum,
            maximum=self._controls.maximum,
            speed=ord("0") + SPEEDS.index(self._controls.speed),
            hex_mode=self._hex_mode,
            beep=self._controls.beep,
        )
        known = self._options
        return Information(
            self._controls.user,
            self._keypad.key_map,
            settings,
            known.function,
            known.model,
            known.hardware,
            known.firmware,
            known.produced,
            known.serial,
        ).encode(self._hex_mode)

    def _key_map(self, parts: Parts) -> bytes:
        self._keypad.key_map = from_hex(parts["map"])
        return b""

    def _control(self, parts: Parts) -> bytes:
        value = _number(parts["value"])
        match parts["parameter"][0]:
            case Parameter.ACTION:
                self._act(value)
            case Parameter.PIN_TIMEOUT:
                self._controls = replace(self._controls, timeout=value)
            case Parameter.FILL:
                self._controls = replace(self._controls, fill=value)
            case Parameter.MINIMUM:
                self._controls = replace(self._controls, minimum=self._options.lengths.from_byte(value))
            case Parameter.MAXIMUM:
                self._controls = replace(self._controls, maximum=self._options.lengths.from_byte(value))
            case Parameter.LINE:
                self._set_line(value)
            case Parameter.BEEP_LENGTH:
                self._controls = replace(self._controls, beep=value)
            case Parameter.SM4_SAME_KEYS:
                if value not in (ord("0"), ord("1")):
                    raise PadRefuses(Rtn.PARAMETER)
                self._vault.sm4.may_be_equal = value == ord("1")
            case Parameter.KEY_HOLD:
                if value & 0xF0 != KEY_HOLD:
                    raise PadRefuses(Rtn.PARAMETER)
                self._keypad.key_hold = float(value & 0x0F)
            case Parameter.CLEAR_KEY:
                self._clear_key = _either(ClearKey, value)
            case _:
                raise PadRefuses(Rtn.PARAMETER)
        return b""

    def _set_line(self, value: int) -> None:
        if value in (HexMode.BROKEN, HexMode.TRUE):
            self._hex_mode = HexMode(value)
        elif speed := self._options.speed_codes.speed(value):
            self._controls = replace(self._controls, speed=speed)
        else:
            raise PadRefuses(Rtn.PARAMETER)

    def _act(self, action: int) -> None:
        match action:
            case Action.RESET:
                self.forget_volatile()
            case Action.WIPE:
                self.forget_volatile()
                self._vault.erase()
                self._controls = _Controls(speed=self._options.speed)
                self._clear_key = ClearKey.BACKSPACE
                self._keypad.back_to_factory(self._options.key_hold)
            case Action.KEYPAD_OFF:
                self._keypad.off()
            case Action.KEYPAD_CLEAR:
                self._keypad.clear_entry()
            case Action.BEEP_OFF | Action.BEEP_ON:
                self._keypad.sound = action == Action.BEEP_ON
            case Action.BEEP_ONCE:
                self._keypad.beep()
            case _:
                raise PadRefuses(Rtn.PARAMETER)

    def _pad_id(self, _: Parts) -> bytes:
        return self._options.pad_id.ljust(8)[:8].encode() + b"0" * 14

    def _random(self, parts: Parts) -> bytes:
        if parts["kind"] != b" ":
            raise PadRefuses(Rtn.PARAMETER)
        return self._hex(self._vault.random())

    def _installation_state(self, _: Parts) -> bytes:
        return b"000" if self.installed else b"001"

    def _clear_installation_flag(self, _: Parts) -> bytes:
        self.installed = True
        return b""

    # --- commands: keys

    def _authenticate(self, parts: Parts) -> bytes:
        return self._hex(self._vault.authenticate(_number(parts["step"]), from_hex(parts["material"])))

    def _load_clear_key(self, parts: Parts) -> bytes:
        if parts["mode"] not in (b"0", b"1", b"2", b"3", b"4"):
            raise PadRefuses(Rtn.PARAMETER)
        check = self._vault.load_clear(_number(parts["slot"]), parts["length"][0], from_hex(parts["key"]))
        if self._options.clear_key_kcv is CheckValueForm.RAW:
            return check[: self._options.kcv_length]
        return self._kcv(check)

    def _load_encrypted_key(self, parts: Parts) -> bytes:
        slot = _number(parts["slot"])
        if parts["tag"] == parts["length"] == b"0":
            self._vault.delete(slot)
            return b""
        cryptogram = from_hex(parts["cryptogram"])
        tag, length = parts["tag"][0], parts["length"][0]
        return self._kcv(self._vault.load_encrypted(_number(parts["master"]), slot, tag, length, cryptogram))

    def _mac(self, parts: Parts) -> bytes:
        return self._hex(self._vault.mac(_number(parts["slot"]), parts["type"][0], parts["message"]))

    def _crypt(self, parts: Parts) -> bytes:
        return self._hex(self._vault.crypt(_number(parts["slot"]), parts["mode"][0], from_hex(parts["data"])))

    def _kcv(self, check_value: bytes) -> bytes:
        return self._hex(check_value[: self._options.kcv_length])

    def _hex(self, data: bytes) -> bytes:
        return to_hex(data, self._hex_mode)

    # --- commands: the PIN

    def _start_pin_entry(self, parts: Parts) -> bytes:
        no_limit = self._controls.timeout == PIN_TIMEOUT_NONE and self._options.timeout_ff_is_none
        timeout = None if no_limit else float(self._controls.timeout)
        dialect = PinDialect.R if START_PIN_ENTRY_R[0].name in parts else PinDialect.JC
        if dialect not in self._options.dialects:
            raise PadRefuses(Rtn.COMMAND_LENGTH)
        if dialect is PinDialect.R:
            length = _decimal(parts["length"])
            clear = ClearMode.BACKSPACE if self._clear_key is ClearKey.BACKSPACE else ClearMode.CLEAR_ALL
            rules = PinRules(min(self._controls.minimum, length), length, EndMode.AUTO, clear, timeout)
        else:
            end, clear = _either(EndMode, parts["end mode"][0]), _either(ClearMode, parts["clear mode"][0])
            length = _decimal(parts["length"])
            minimum, maximum = (length, length) if length else (self._controls.minimum, self._controls.maximum)
            rules = PinRules(minimum, maximum, end, clear, timeout)
        self._keypad.start_pin(rules)
        self._entry = parts if dialect is PinDialect.R else {}
        return b""

    def _pin_block(self, parts: Parts) -> bytes:
        named = parts or self._entry
        pin = self._keypad.held_pin()
        if not named:
            raise PadRefuses(Rtn.COMMAND_LENGTH)
        account = named["account"].decode("latin-1")
        fmt, fill = named["format"][0], self._controls.fill
        block = self._vault.pin_block(_number(named["slot"]), fmt, pin, account, fill)
        self._keypad.forget_pin()
        self._entry = {}
        return b"00%02d" % len(pin) + self._hex(block)

    # --- commands: SM4

    def _sm4_load_clear_key(self, parts: Parts) -> bytes:
        return self._hex(self._vault.sm4.load_clear(_number(parts["slot"]), from_hex(parts["key"])))

    def _sm4_load_encrypted_key(self, parts: Parts) -> bytes:
        if parts["mode"] != b"30":
            raise PadRefuses(Rtn.PARAMETER)
        cryptogram = from_hex(parts["cryptogram"])
        return self._hex(self._vault.sm4.load_encrypted(_number(parts["master"]), _number(parts["slot"]), cryptogram))

    def _sm4_crypt(self, parts: Parts) -> bytes:
        if parts["direction"] not in (b"31", b"32") or parts["chaining"] not in (b"41", b"42"):
            raise PadRefuses(Rtn.PARAMETER)
        return self._hex(
            self._vault.sm4.crypt(
                _number(parts["slot"]),
                encrypting=parts["direction"] == b"31",
                chained=parts["chaining"] == b"42",
                iv=from_hex(parts["IV"]),
                data=from_hex(parts["data"]),
            )
        )

    def _sm4_mac(self, parts: Parts) -> bytes:
        if parts["kind"] != b"43":  # the algorithm of the other kind, 40, is not known
            raise PadRefuses(Rtn.PARAMETER)
        return self._hex(self._vault.sm4.mac(_number(parts["slot"]), from_hex(parts["IV"]), from_hex(parts["message"])))

    def _sm4_delete(self, parts: Parts) -> bytes:
        if parts["scope"] not in (b"32", b"33"):
            raise PadRefuses(Rtn.PARAMETER)
        self._vault.sm4.delete(None if parts["scope"] == b"32" else _number(parts["slot"]))
        return b""

    def _sm4_pin_block(self, parts: Parts) -> bytes:
        pin = self._keypad.held_pin()
        block = self._vault.sm4.pin_block(_number(parts["slot"]), pin, parts["account"].decode("latin-1"))
        self._keypad.forget_pin()
        return b"00%02d" % len(pin) + self._hex(block)

    def _sm_chip_version(self, _: Parts) -> bytes:
        return to_hex(self._options.sm_chip_version.replace("-", "$").encode(), HexMode.BROKEN)


def _number(text: bytes) -> int:
    """A byte as two hexadecimal characters."""
    return from_hex(text)[0]


def _decimal(text: bytes) -> int:
    if not text.isdigit():
        raise PadRefuses(Rtn.ILLEGAL_DATA)
    return int(text)


def _either(kind: type[E], value: int) -> E:
    try:
        return kind(value)
    except ValueError:
        raise PadRefuses(Rtn.PARAMETER) from None
