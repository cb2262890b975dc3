"""Tables of the SZZT ZT588 / ZT598 PIN pad: opcodes, results, controls, tags, slots, keys and the fields of each frame.

No manual of the maker is public; the tables hold what independent drivers in the field agree on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Opcode(IntEnum):
    """First byte of a command."""

    LOAD_CLEAR_KEY = 0x31
    LOAD_ENCRYPTED_KEY = 0x32
    INFORMATION = 0x33
    KEY_MAP = 0x34
    CONTROL = 0x35
    START_PIN_ENTRY = 0x36
    PIN_BLOCK = 0x37
    MAC = 0x38
    CRYPT = 0x39
    AUTHENTICATE = 0x3A
    PAD_ID = 0x49
    RANDOM = 0x4A
    INSTALLATION_STATE = 0x4E
    CLEAR_INSTALLATION_FLAG = 0x53
    SM4_LOAD_CLEAR_KEY = 0x62
    SM4_LOAD_ENCRYPTED_KEY = 0x63
    SM4_CRYPT = 0x64
    SM4_MAC = 0x65
    SM4_DELETE = 0x6E
    SM4_PIN_BLOCK = 0x6F
    SM_CHIP_VERSION = 0x73

    @property
    def success(self) -> int:
        """The RTN of a reply that says the command was done."""
        return self + 0x30


FIRST_ERROR = 0xD0


class Rtn(IntEnum):
    """First byte of a reply that refuses a command; lower values are an opcode plus 30 and mean success."""

    SM2_ENCRYPT = 0xD0
    SM2_DECRYPT = 0xD1
    SM2_SIGN = 0xD2
    SM2_VERIFY = 0xD3
    SM2_KEY_EXCHANGE = 0xD4
    SM2_KEY_EXCHANGE_VERIFY = 0xD5
    SM_CHIP_ERROR = 0xD6
    SM_CHIP_SILENT = 0xD7
    SM4_KEY_VALUE = 0xD8
    RSA_KEY_MISSING = 0xDA
    RSA_KEY_PRESENT = 0xDB
    COMMAND_MAC = 0xDC
    TAMPERED = 0xDD
    SM_CHIP_ABSENT = 0xDE
    BATTERY_LOW = 0xE0
    NO_IMK = 0xE1
    NO_TMK = 0xE2
    KEY_LENGTH = 0xE3
    NO_SUCH_SLOT = 0xE4
    TAG_OR_NO_KEY = 0xE5
    PARITY = 0xE6
    CHECK_VALUE = 0xE7
    COMMAND_LENGTH = 0xE8
    ILLEGAL_DATA = 0xE9
    INFORMATION_CODE = 0xEA
    PARAMETER = 0xEB
    AUTHENTICATION = 0xEC
    AUTHENTICATION_LOCKED = 0xED
    PIN_TIMEOUT = 0xEE
    OTHER = 0xEF
    RSA_STRUCTURE = 0xF1
    RSA_SIGNATURE_LENGTH = 0xF2
    RSA_PADDING = 0xF3
    RSA_VERIFY = 0xF4
    RSA_MODULUS = 0xF5
    RSA_EXPONENT = 0xF6
    RSA_SERIAL = 0xF7
    INPUT_MODE = 0xF8
    PASSWORD = 0xF9
    UID_MISSING = 0xFA
    COMMAND_LOCKED = 0xFB
    PASSWORD_LENGTH = 0xFC
    RSA_READ = 0xFD
    EEPROM = 0xFE
    REMOVED = 0xFF


class Parameter(IntEnum):
    """What a CONTROL command sets."""

    ACTION = 0x30
    PIN_TIMEOUT = 0x32
    FILL = 0x33
    MINIMUM = 0x34
    MAXIMUM = 0x35
    LINE = 0x36
    BEEP_LENGTH = 0x38
    KEY_HOLD = 0x41
    CLEAR_KEY = 0x42
    SM4_SAME_KEYS = 0x44


class Action(IntEnum):
    """Values of Parameter.ACTION."""

    RESET = 0x30
    WIPE = 0x31
    KEYPAD_OFF = 0x32
    KEYPAD_CLEAR = 0x33
    BEEP_OFF = 0x34
    BEEP_ON = 0x35
    BEEP_ONCE = 0x3D


class HexMode(IntEnum):
    """Values of Parameter.LINE that choose how hexadecimal data are written: 30-3F for each nibble, or 0-9A-F."""

    BROKEN = 0x30
    TRUE = 0x37


class ClearKey(IntEnum):
    """Values of Parameter.CLEAR_KEY."""

    BACKSPACE = 0x21
    CLEAR_ALL = 0x22


PIN_TIMEOUT_NONE = 0xFF  # of Parameter.PIN_TIMEOUT
KEY_HOLD = 0x10  # of Parameter.KEY_HOLD, plus 0 to F seconds
SPEEDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


class SpeedCodes(StrEnum):
    """Values of Parameter.LINE for the speeds in order; the one driver that uses them has a table and sends others."""

    SENT = "41-48"
    TABLE = "48-4F"

    def speed(self, value: int) -> int | None:
        """The speed that `value` asks for."""
        first = 0x41 if self is SpeedCodes.SENT else 0x48
        return SPEEDS[value - first] if 0 <= value - first < len(SPEEDS) else None


class LengthCoding(StrEnum):
    """How the controls MINIMUM and MAXIMUM carry a PIN length; drivers in the field differ."""

    BCD = "bcd"
    BINARY = "binary"

    def to_byte(self, length: int) -> int:
        """The control byte for a PIN length."""
        return length // 10 << 4 | length % 10 if self is LengthCoding.BCD else length

    def from_byte(self, value: int) -> int:
        """The PIN length in a control byte."""
        return (value >> 4) * 10 + (value & 0x0F) if self is LengthCoding.BCD else value


class PinDialect(StrEnum):
    """The two ways to ask for a PIN: JC names key and account with the block, R before the entry."""

    JC = "JC"
    R = "R"


class EndMode(IntEnum):
    """How a PIN entry ends in dialect JC."""

    ENTER = 0x31
    AUTO = 0x32


class ClearMode(IntEnum):
    """What the clear key does during a PIN entry in dialect JC: one 08 for each digit taken back, or for all."""

    BACKSPACE = 0x31
    CLEAR_ALL = 0x32


class Tag(IntEnum):
    """What a key may be used for."""

    IMK = 0x31
    TMK = 0x32
    PIN = 0x33
    MAC = 0x35
    DATA = 0x36
    DATA_ENCRYPT = 0x37
    DATA_DECRYPT = 0x38
    TDSK = 0x39


class PinFormat(IntEnum):
    """PIN block formats of PIN_BLOCK and START_PIN_ENTRY."""

    ISO_0 = 0x20
    ISO_1 = 0x21
    ISO_2 = 0x22
    ISO_3 = 0x23
    IBM_3624 = 0x30
    ASCII = 0x40
    TWO_ACCOUNTS = 0x62


class MacType(IntEnum):
    """How the MAC opcode chains: single DES with the left half of the key, or TDES; both CBC."""

    DES_CBC = 0x32
    TDES_CBC = 0x41


class Sm4Direction(IntEnum):
    """Second field of the SM4_CRYPT opcode, written as two hexadecimal characters."""

    ENCRYPT = 0x31
    DECRYPT = 0x32


class Sm4Chaining(IntEnum):
    """Third field of the SM4_CRYPT opcode, written as two hexadecimal characters."""

    ECB = 0x41
    CBC = 0x42


SM4_MAC_PBOC = 0x43  # kind of SM4_MAC: CBC, filled with zeros; 40 is BANKSYS, whose algorithm is not known
SM4_LOAD_MODE = 0x30  # mode of SM4_LOAD_ENCRYPTED_KEY


class Sm4Scope(IntEnum):
    """What SM4_DELETE deletes."""

    ALL = 0x32
    ONE = 0x33


class CryptMode(IntEnum):
    """What the CRYPT opcode does."""

    ECB_ENCRYPT = 0x31
    CBC_ENCRYPT = 0x32
    ECB_DECRYPT = 0x41
    CBC_DECRYPT = 0x42


class AuthenticationStep(IntEnum):
    """Numbers after the AUTHENTICATE opcode; lower ones are key slots: encrypt the random number with that key."""

    SET_UID = 0x80
    SET_PASSWORD_1 = 0x81
    SET_PASSWORD_2 = 0x82
    SET_PASSWORD_3 = 0x83
    PROVE = 0x90
    PROVE_FOR_LOADING = 0x91
    RANDOM = 0xA0


class ProofForm(StrEnum):
    """What a pad answers to the proof X of the host; drivers in the field differ."""

    ENCRYPTED = "E_UID(X)"
    DECRYPTED = "D_UID(X)"


# Ranges of key slots. DES and SM4 keys are numbered apart.
CLEAR_MASTER_SLOTS = range(0x20)
KEK_SLOTS = range(0x10, 0x30)
WORKING_SLOTS = range(0x30, 0x80)
SM4_KEK_SLOTS = range(0x20)
SM4_WORKING_SLOTS = range(0x20, 0x80)
SM4_BLOCK = 16
INITIAL_SLOT = 0x00
IMK_SLOT = 0x80  # some hosts keep the IMK there, others load the UID into it
KEY_LENGTHS = {0x31: 8, 0x32: 16, 0x33: 24}  # the length character of the two load commands
MAC_LIMIT = 512  # bytes in one MAC command
CRYPT_LIMIT = 512


class KeyCode(IntEnum):
    """Unframed bytes of the keypad."""

    BLANK = 0x07
    CLEAR = 0x08
    ENTER = 0x0D
    CANCEL = 0x1B
    DOUBLE_ZERO = 0x22
    DOUBLE_ZERO_OLD = 0x23
    STAR = 0x2A
    DOT = 0x2E
    DIGIT_0 = 0x30
    DIGIT_1 = 0x31
    DIGIT_2 = 0x32
    DIGIT_3 = 0x33
    DIGIT_4 = 0x34
    DIGIT_5 = 0x35
    DIGIT_6 = 0x36
    DIGIT_7 = 0x37
    DIGIT_8 = 0x38
    DIGIT_9 = 0x39
    F1 = 0x41
    F2 = 0x42
    F3 = 0x43
    F4 = 0x44
    F5 = 0x45
    F6 = 0x46
    F7 = 0x47
    F8 = 0x48
    TIMED_OUT = 0x80


DIGITS = {
    **{KeyCode(0x30 + digit): str(digit) for digit in range(10)},
    KeyCode.DOUBLE_ZERO: "00",
    KeyCode.DOUBLE_ZERO_OLD: "00",
}
KEY_WORDS = {
    KeyCode.BLANK: "the key without a label",
    KeyCode.CLEAR: "clear",
    KeyCode.ENTER: "enter",
    KeyCode.CANCEL: "cancel",
    KeyCode.STAR: "a PIN digit (*)",
    KeyCode.TIMED_OUT: "PIN entry timed out",
    **{KeyCode(code): f"function key {code - 0x40}" for code in range(0x41, 0x49)},
}
DEFAULT_KEY_MAP = bytes.fromhex("3132331B 34353608 3738390D 2E302220 4142434445464748")


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a frame's data: `width` in characters, None for all that is left; a secret never goes into a trace."""

    name: str
    width: int | None = None
    secret: bool = False


_ACCOUNT = Field("account", secret=True)
_CHECK_VALUE = (Field("check value"),)
_MATERIAL = Field("material", secret=True)
_DATA = Field("data", secret=True)
_BLOCK = (Field("count", 2), Field("PIN length", 2), Field("block", secret=True))

REQUESTS: Mapping[Opcode, tuple[Field, ...]] = {
    Opcode.LOAD_CLEAR_KEY: (Field("slot", 2), Field("mode", 1), Field("length", 1), Field("key", secret=True)),
    Opcode.LOAD_ENCRYPTED_KEY: (
        Field("master", 2),
        Field("slot", 2),
        Field("tag", 1),
        Field("length", 1),
        Field("cryptogram", secret=True),
    ),
    Opcode.INFORMATION: (Field("user information"),),
    Opcode.KEY_MAP: (Field("map", 48),),
    Opcode.CONTROL: (Field("parameter", 1), Field("value", 2)),
    Opcode.START_PIN_ENTRY: (Field("prompt", 1), Field("length", 2), Field("end mode", 1), Field("clear mode", 1)),
    Opcode.PIN_BLOCK: (Field("slot", 2), Field("format", 1), _ACCOUNT),
    Opcode.MAC: (Field("slot", 2), Field("type", 1), Field("message", secret=True)),
    Opcode.CRYPT: (Field("slot", 2), Field("mode", 1), _DATA),
    Opcode.AUTHENTICATE: (Field("step", 2), _MATERIAL),
    Opcode.PAD_ID: (),
    Opcode.RANDOM: (Field("kind", 1),),
    Opcode.INSTALLATION_STATE: (Field("which", 1),),
    Opcode.CLEAR_INSTALLATION_FLAG: (),
    Opcode.SM4_LOAD_CLEAR_KEY: (Field("slot", 2), Field("key", secret=True)),
    Opcode.SM4_LOAD_ENCRYPTED_KEY: (
        Field("mode", 2),
        Field("master", 2),
        Field("slot", 2),
        Field("cryptogram", secret=True),
    ),
    Opcode.SM4_CRYPT: (Field("slot", 2), Field("direction", 2), Field("chaining", 2), Field("IV", 32), _DATA),
    Opcode.SM4_MAC: (Field("slot", 2), Field("IV", 32), Field("kind", 2), Field("message", secret=True)),
    Opcode.SM4_DELETE: (Field("scope", 2), Field("slot", 2)),
    Opcode.SM4_PIN_BLOCK: (Field("slot", 2), Field("hint", 1), _ACCOUNT),
    Opcode.SM_CHIP_VERSION: (),
}
START_PIN_ENTRY_R = (Field("slot", 2), Field("format", 1), Field("hint", 1), Field("length", 2), _ACCOUNT)

REPLIES: Mapping[Opcode, tuple[Field, ...]] = {
    **dict.fromkeys(Opcode, ()),
    Opcode.LOAD_CLEAR_KEY: _CHECK_VALUE,
    Opcode.LOAD_ENCRYPTED_KEY: _CHECK_VALUE,
    Opcode.INFORMATION: (Field("record"),),
    Opcode.PIN_BLOCK: _BLOCK,
    Opcode.MAC: (Field("mac"),),
    Opcode.CRYPT: (_DATA,),
    Opcode.AUTHENTICATE: (_MATERIAL,),
    Opcode.PAD_ID: (Field("id", 8), Field("state")),
    Opcode.RANDOM: (Field("random", secret=True),),
    Opcode.INSTALLATION_STATE: (Field("state"),),
    Opcode.SM4_LOAD_CLEAR_KEY: _CHECK_VALUE,
    Opcode.SM4_LOAD_ENCRYPTED_KEY: _CHECK_VALUE,
    Opcode.SM4_CRYPT: (_DATA,),
    Opcode.SM4_MAC: (Field("mac"),),
    Opcode.SM4_PIN_BLOCK: _BLOCK,
    Opcode.SM_CHIP_VERSION: (Field("version"),),
}
