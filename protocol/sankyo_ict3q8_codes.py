"""Sankyo ICT3Q8: the table of errors and the table of commands (ASL-NP-09256-01)."""

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """Which firmware; they frame alike, and differ in Initialize, in some commands and in some errors."""

    ICT3Q8 = "ICT3Q8"
    ICT3K5 = "ICT3K5"


class ErrorCode(StrEnum):
    """Error characters e1 e0 of a negative reply, with their meaning."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> "ErrorCode":
        """A row of the table is `NAME = code, meaning`."""
        row = str.__new__(cls, code)
        row._value_ = code
        row.meaning = meaning
        return row

    UNKNOWN_COMMAND = "00", "unknown command"
    BAD_PARAMETER = "01", "bad parameter"
    NOT_EXECUTABLE = "02", "not executable now"
    OPTION_ABSENT = "03", "hardware option absent"
    BAD_DATA = "04", "bad data"
    CONTACT_SET = "05", "refused while the chip contact is set"
    NO_DECIPHER_KEY = "06", "no decipher key"
    JAM = "10", "jam: the card did not reach its place"
    SHUTTER = "11", "shutter did not open, or was forced"
    SENSOR = "12", "sensor fault, or more than one card"
    CARD_TOO_LONG = "13", "card longer than 92 mm"
    CARD_TOO_SHORT = "14", "card shorter than 78 mm"
    MEMORY = "15", "F-ROM or EEPROM data"
    CARD_FORCED = "16", "card moved by force, or pushed in from the rear"
    JAM_AT_RETRIEVE = "17", "jam at retrieve"
    SWITCH = "18", "insertion or shutter switch"
    NO_REAR_INSERTION = "19", "no card from the rear within 10 s"
    PARITY = "20", "track parity"
    READ = "21", "track read"
    WRITE = "22", "track write"
    TRACK_EMPTY = "23", "track holds only sentinels"
    TRACK_BLANK = "24", "no encoding or no stripe"
    WRITE_QUALITY = "25", "write quality"
    NO_START_SENTINEL = "26", "track without start sentinel"
    NO_END_SENTINEL = "27", "track without end sentinel"
    LRC = "28", "track LRC"
    WRITTEN_DATA_DIFFER = "29", "written data differ"
    POWER_DOWN = "30", "power down"
    DSR_OFF = "31", "DSR off"
    PULLED_OUT_IN_CAPTURE = "40", "card pulled out during capture"
    CONTACT_SOLENOID = "41", "chip contact solenoid"
    CHIP_POSITION = "43", "chip position not reached"
    LOST_AT_INTAKE = "45", "card lost at intake"
    NOT_TAKEN = "46", "ejected card not taken in time"
    RETRACT_COUNTER_FULL = "50", "retract counter is at 99"
    MOTOR = "51", "motor"
    POWER_EJECT = "52", "power eject"
    CHIP_SUPPLY = "60", "chip supply voltage"
    NO_ATR = "61", "no or bad ATR"
    CHIP_PROTOCOL_MISMATCH = "62", "wrong chip protocol"
    CHIP_TIMEOUT = "63", "chip does not answer"
    CHIP_PROTOCOL = "64", "chip breaks its protocol"
    CHIP_NOT_ACTIVE = "65", "chip is not active"
    ATR_UNSUPPORTED = "66", "ATR not supported"
    ATR_NOT_EMV = "69", "ATR breaks the EMV rules"
    FIRMWARE_WRITE = "70", "F-ROM write"
    FIRMWARE_CRC = "71", "firmware CRC"
    NOT_INITIALIZED = "B0", "not initialised since power-on"


ICT3K5_MEANINGS = {
    "15": "flash parameter CRC",
    "18": "two cards",
    "21": "track sentinel",
    "31": "DTR is low",
    "39": "fan",
    "73": "EEPROM",
}
"""Where the ICT3K5 means something else, or has an error of its own (one driver in the field)."""


def error_meaning(error: str, dialect: Dialect = Dialect.ICT3Q8) -> str:
    """What the two characters mean; firmwares know codes that no table has."""
    if error in ICT3K5_MEANINGS and (dialect is Dialect.ICT3K5 or error not in _ERROR_CODES):
        return ICT3K5_MEANINGS[error]
    return ErrorCode(error).meaning if error in _ERROR_CODES else "not in the specification"  # type: ignore[call-arg]


_ERROR_CODES = frozenset(code.value for code in ErrorCode)


@dataclass(frozen=True, slots=True)
class CommandKind:
    """One row of the command table. Secret bytes are never written to a trace."""

    cm: str
    pm: str
    name: str
    secret_data: bool = False
    secret_reply: bool = False


def _rows() -> tuple[CommandKind, ...]:
    return (
        *(CommandKind("0", pm, "initialise") for pm in "0123456"),
        *(CommandKind("1", pm, "status") for pm in "0123"),
        CommandKind("2", "0", "entry of any card"),
        CommandKind("2", "1", "entry of a magnetic card"),
        CommandKind("2", "2", "entry from the rear"),
        CommandKind("3", "0", "eject"),
        CommandKind("3", "1", "capture"),
        CommandKind("4", "0", "retrieve"),
        *(CommandKind("5", pm, f"output {int(pm) + 1}") for pm in "0123"),
        CommandKind("5", "8", "read inputs"),
        CommandKind("6", "0", "move the card"),
        *(CommandKind("6", pm, f"read track {pm}", secret_reply=True) for pm in "123"),
        CommandKind("6", "4", "read track 4 (ICT3K5)", secret_reply=True),
        CommandKind("6", "6", "clear track buffers"),
        CommandKind("6", "7", "which tracks are encoded"),
        *(CommandKind("6", pm, f"read track {n} in one pass", secret_reply=True) for n, pm in enumerate("9:;", 1)),
        CommandKind("7", "0", "write mode"),
        *(CommandKind("7", pm, f"write track {pm}", secret_data=True) for pm in "123"),
        *(CommandKind("7", pm, f"fill write buffer {n}", secret_data=True) for n, pm in enumerate("678", 1)),
        CommandKind("7", "9", "write buffered tracks"),
        CommandKind("7", "R", "write start adjustment"),
        CommandKind("7", "U", "track formats"),
        CommandKind(":", "0", "enable for any card"),
        CommandKind(":", "1", "disable"),
        CommandKind(":", "2", "enable for magnetic cards"),
        CommandKind("=", "0", "enter maintenance"),
        CommandKind("=", "1", "leave maintenance"),
        CommandKind("=", "2", "drive outputs"),
        CommandKind("=", "3", "read inputs in maintenance"),
        CommandKind(">", "0", "sensor levels"),
        CommandKind(">", "1", "sensor levels with weak light"),
        CommandKind(">", "2", "sensor levels in per cent"),
        CommandKind(">", "3", "calibrate the sensors"),
        CommandKind("@", "0", "press the chip contact"),
        CommandKind("@", "2", "release the chip contact"),
        *(CommandKind("A", pm, "firmware revision") for pm in "012"),
        CommandKind("C", "0", "read the retract counter"),
        CommandKind("C", "1", "set the retract counter"),
        CommandKind("I", "0", "chip cold reset"),
        CommandKind("I", "1", "chip off"),
        CommandKind("I", "2", "chip status"),
        *(CommandKind("I", pm, "chip exchange", secret_data=True, secret_reply=True) for pm in "345679"),
        CommandKind("I", "8", "chip warm reset"),
        CommandKind("I", "@", "SAM cold reset"),
        CommandKind("I", "A", "SAM off"),
        CommandKind("I", "B", "SAM status"),
        *(CommandKind("I", pm, "SAM exchange", secret_data=True, secret_reply=True) for pm in "CDEFGI"),
        CommandKind("I", "H", "SAM warm reset"),
        CommandKind("I", "P", "select SAM"),
        CommandKind("J", "0", "erase the firmware"),
        CommandKind("J", "1", "write firmware"),
        CommandKind("J", "2", "verify the firmware"),
        CommandKind("J", "4", "attest a firmware"),
        CommandKind("K", "0", "switch firmware area"),
        CommandKind("T", "0", "watch for removal"),
        CommandKind("U", "0", "memory card on"),
        CommandKind("U", "1", "memory card off"),
        CommandKind("U", "2", "memory card status"),
        CommandKind("U", "3", "memory card access", secret_data=True, secret_reply=True),
        CommandKind("f", "A", "performance log"),
        CommandKind("f", "C", "error log"),
    )


COMMANDS: dict[tuple[str, str], CommandKind] = {(row.cm, row.pm): row for row in _rows()}
