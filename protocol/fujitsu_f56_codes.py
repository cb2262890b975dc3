"""Error codes of the Fujitsu F53 and F56: what a code and its additional code mean, in words.

Source: one driver in the field; only 11, 21 and 31 (cassette empty) have two.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

CASSETTES = 4


class Code(IntEnum):
    """Error codes that do not name a cassette; those that do are made with `of_cassette`."""

    GOOD = 0x00
    POOL_HOME = 0x50
    POOL_UPPER = 0x51
    NOTHING_IN_POOL = 0x52
    MEDIUM_REMAINS = 0x70
    PULLED_OUT_AT_FRONT = 0x76
    PULLED_OUT_AT_REAR = 0x77
    JAM = 0x78
    JAM_DFSS_TO_REJS = 0x7A
    JAM_AT_REJS = 0x7B
    EJECTION_JAM = 0x7C
    JAM_EJS_TO_POOL = 0x7D
    LONG = 0x80
    SHORT = 0x82
    SHORT_2 = 0x83
    THICKNESS = 0x84
    WRONG_CASSETTE = 0x85
    SPACING = 0x86
    COUNT_MISMATCH = 0x88
    POTENTIOMETER = 0x89
    SHUTTER_OPEN_ERROR = 0xA0
    SHUTTER_OPEN_FAILED = 0xA1
    SHUTTER_CLOSE_FAILED = 0xA2
    NOTHING_AT_EXIT = 0xA4
    SHUTTER_FOUND_OPEN = 0xA7
    REJECT_BOX_NOT_SET = 0xB0
    REJECT_BOX_FULL = 0xB5
    CAPTURE_BOX_ABSENT = 0xB8
    CAPTURE_BOX_NOT_SET = 0xB9
    CAPTURE_BOX_FULL = 0xBA
    UNDEFINED_COMMAND = 0xE0
    NOT_INITIALISED = 0xE1
    NO_INFORMATION_FOR_CASSETTE = 0xE4
    COUNT_SEQUENCE = 0xE5
    DIGIT = 0xE6
    LENGTH_OR_THICKNESS = 0xE8
    PARAMETER = 0xEA
    FS_MISSING = 0xEC
    FORMAT = 0xEE
    CANNOT_EXECUTE = 0xEF
    OVER_CURRENT = 0xF1
    LOG_CHECKSUM = 0xF6
    SENSOR = 0xF8
    POWER_OFF_DURING_COUNT = 0xFD


class CassetteCode(IntEnum):
    """Low digit of an error code whose high digit is the cassette."""

    ABSENT = 0x0
    EMPTY = 0x1
    DIAGNOSIS = 0x2
    DIAGNOSIS_2 = 0x4
    PICK = 0x6
    PICK_2 = 0x8


def of_cassette(position: int, code: CassetteCode) -> int:
    """The error code for the cassette at `position`, 1 to 4."""
    return position << 4 | code


def cassette_of(error: int) -> tuple[int, CassetteCode] | None:
    """Which cassette an error code names, and with what; None for all other codes."""
    position, low = error >> 4, error & 0x0F
    if 1 <= position <= CASSETTES and low in list(CassetteCode):
        return position, CassetteCode(low)
    return None


_CASSETTE_WORDS: Final[Mapping[CassetteCode, str]] = {
    CassetteCode.ABSENT: "no cassette {}",
    CassetteCode.EMPTY: "cassette {} empty",
    CassetteCode.DIAGNOSIS: "bill diagnosis of cassette {}",
    CassetteCode.DIAGNOSIS_2: "bill diagnosis of cassette {}",
    CassetteCode.PICK: "pick error at cassette {}",
    CassetteCode.PICK_2: "pick error at cassette {}",
}

_WORDS: Final[Mapping[Code, str]] = {
    Code.GOOD: "good",
    Code.POOL_HOME: "pool not at its home position",
    Code.POOL_UPPER: "pool not at its upper position",
    Code.NOTHING_IN_POOL: "no medium in the pool",
    Code.PULLED_OUT_AT_FRONT: "pulled out during retrieval at the front",
    Code.PULLED_OUT_AT_REAR: "pulled out during retrieval at the rear",
    Code.JAM_DFSS_TO_REJS: "jam between DFSS and REJS",
    Code.JAM_AT_REJS: "jam at REJS",
    Code.EJECTION_JAM: "jam in the ejection section",
    Code.JAM_EJS_TO_POOL: "jam between EJS and pool",
    Code.LONG: "note too long",
    Code.SHORT: "note too short",
    Code.SHORT_2: "note too short",
    Code.THICKNESS: "note of wrong thickness",
    Code.WRONG_CASSETTE: "note from the wrong cassette",
    Code.SPACING: "wrong spacing of notes",
    Code.NOTHING_AT_EXIT: "nothing in the ejection section",
    Code.NOT_INITIALISED: "no bill information: not initialised",
    Code.NO_INFORMATION_FOR_CASSETTE: "no bill information for that cassette",
    Code.COUNT_SEQUENCE: "wrong sequence of counts",
    Code.DIGIT: "digit error",
    Code.LENGTH_OR_THICKNESS: "length or thickness error",
    Code.PARAMETER: "parameter error",
    Code.FS_MISSING: "FS missing",
    Code.FORMAT: "format error",
    Code.CANNOT_EXECUTE: "cannot execute, pool not set up",
    Code.SENSOR: "sensor error",
}

_DIAGNOSIS: Final = (
    "no data",
    "denomination differs",
    "length reference",
    "thickness reference",
    "length",
    "thickness",
)
_JAM: Final[Mapping[int, str]] = {
    0x0: "at feed sensor {}",
    0x1: "from feed {} to DFSS",
    0x2: "remaining after count at sensor {}",
    0x3: "remaining after jam clear at sensor {}",
    0x4: "sensor {} on with no bill",
}
_EJECTION: Final[Mapping[int, str]] = {
    0x01: "pool to EJSF",
    0x02: "pool to EJSR",
    0x03: "EJS and BRS together",
    0x04: "EJS and BRS together",
    0x05: "EJS and BRS together",
    0x2C: "remaining after count",
    0x2D: "remaining after count",
    0x3C: "remaining after jam clear",
    0x3D: "remaining after jam clear",
    0x80: "on before reset or feed",
    0x81: "on before reset or feed",
}
_MISMATCH: Final[Mapping[int, str]] = {
    0x00: "requested, identified and passed differ",
    0x01: "BPS on with no bill",
    0x03: "passed while clearing a jam",
}


def words(error: int, additional: int = 0) -> str:
    """An error code and its additional code in words."""
    if (found := cassette_of(error)) is not None:
        position, code = found
        text = _CASSETTE_WORDS[code].format(position)
        diagnosis = code in (CassetteCode.DIAGNOSIS, CassetteCode.DIAGNOSIS_2)
        detail = _DIAGNOSIS[additional] if diagnosis and additional < len(_DIAGNOSIS) else ""
    elif error in list(Code):
        known = Code(error)
        text = _WORDS.get(known, known.name.lower().replace("_", " "))
        detail = _detail(known, additional)
    else:
        text, detail = f"error {error:02X}", ""
    if not detail and additional:
        detail = f"additional code {additional:02X}"
    return f"{text} ({detail})" if detail else text


def _detail(code: Code, additional: int) -> str:
    match code:
        case Code.JAM if 1 <= additional & 0x0F <= 8 and additional >> 4 in _JAM:
            return _JAM[additional >> 4].format(additional & 0x0F)
        case Code.EJECTION_JAM:
            return _EJECTION.get(additional, "")
        case Code.COUNT_MISMATCH:
            return _MISMATCH.get(additional, "")
        case Code.SENSOR if 0x01 <= additional <= 0x0F:
            return f"slice level of sensor {additional}"
        case Code.SENSOR if 0x81 <= additional <= 0x8F:
            return f"sensor {additional & 0x0F} off"
        case Code.SENSOR if 0xA1 <= additional <= 0xAF:
            return f"sensor {additional & 0x0F} on"
        case _:
            return ""
