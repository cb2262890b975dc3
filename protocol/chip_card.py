"""Chip cards with contacts: APDUs, status words and the commands of the EMV flow (ISO 7816-4, EMV Book 3).

APDUs are short ones: at most 255 bytes of data, at most 256 of reply.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from protocol.wire import LocalProtocolError, RemoteProtocolError

PSE = b"1PAY.SYS.DDF01"
UNIONPAY_RID = bytes.fromhex("A000000333")
UNIONPAY_AID_PREFIX = UNIONPAY_RID + b"\x01\x01"
UNIONPAY_DEBIT_AID = UNIONPAY_AID_PREFIX + b"\x01"


class Tag(IntEnum):
    """EMV data objects that a cash withdrawal with online PIN touches."""

    APPLICATION_LABEL = 0x50
    TRACK2_EQUIVALENT = 0x57
    PAN = 0x5A
    CARDHOLDER_NAME = 0x5F20
    EXPIRY_DATE = 0x5F24
    EFFECTIVE_DATE = 0x5F25
    COUNTRY = 0x5F28
    CURRENCY = 0x5F2A
    LANGUAGE = 0x5F2D
    PAN_SEQUENCE = 0x5F34
    APPLICATION_TEMPLATE = 0x61
    FCI = 0x6F
    RECORD = 0x70
    RESPONSE_FORMAT_2 = 0x77
    RESPONSE_FORMAT_1 = 0x80
    AIP = 0x82
    COMMAND_TEMPLATE = 0x83
    DF_NAME = 0x84
    PRIORITY = 0x87
    PSE_SFI = 0x88
    CDOL1 = 0x8C
    CDOL2 = 0x8D
    CVM_LIST = 0x8E
    ISSUER_AUTHENTICATION = 0x91
    AFL = 0x94
    TVR = 0x95
    TRANSACTION_DATE = 0x9A
    TRANSACTION_TYPE = 0x9C
    AMOUNT = 0x9F02
    OTHER_AMOUNT = 0x9F03
    APPLICATION_VERSION_CARD = 0x9F08
    APPLICATION_VERSION_TERMINAL = 0x9F09
    ISSUER_APPLICATION_DATA = 0x9F10
    LAST_ONLINE_ATC = 0x9F13
    PIN_TRIES = 0x9F17
    TERMINAL_COUNTRY = 0x9F1A
    TERMINAL_SERIAL = 0x9F1E
    CRYPTOGRAM = 0x9F26
    CRYPTOGRAM_INFORMATION = 0x9F27
    TERMINAL_CAPABILITIES = 0x9F33
    CVM_RESULT = 0x9F34
    TERMINAL_TYPE = 0x9F35
    ATC = 0x9F36
    UNPREDICTABLE_NUMBER = 0x9F37
    PDOL = 0x9F38
    SEQUENCE_COUNTER = 0x9F41
    FCI_PROPRIETARY = 0xA5


NUMERIC_TAGS = frozenset(
    {
        Tag.CURRENCY,
        Tag.PAN_SEQUENCE,
        Tag.TRANSACTION_DATE,
        Tag.TRANSACTION_TYPE,
        Tag.AMOUNT,
        Tag.OTHER_AMOUNT,
        Tag.TERMINAL_COUNTRY,
        Tag.TERMINAL_TYPE,
        Tag.SEQUENCE_COUNTER,
    }
)


class StatusWord(IntEnum):
    """SW1 SW2 that have one meaning; 61xx, 63Cx and 6Cxx are families, see `ResponseApdu`."""

    OK = 0x9000
    SELECTED_FILE_INVALIDATED = 0x6283
    AUTHENTICATION_FAILED = 0x6300
    WRONG_LENGTH = 0x6700
    SECURITY_STATUS = 0x6982
    METHOD_BLOCKED = 0x6983
    DATA_INVALID = 0x6984
    CONDITIONS = 0x6985
    NOT_ALLOWED = 0x6986
    BAD_DATA = 0x6A80
    NOT_SUPPORTED = 0x6A81
    NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    WRONG_P1_P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    WRONG_PARAMETERS = 0x6B00
    UNKNOWN_INS = 0x6D00
    UNKNOWN_CLA = 0x6E00
    NO_DIAGNOSIS = 0x6F00


class Ins(IntEnum):
    """Instruction bytes."""

    VERIFY = 0x20
    EXTERNAL_AUTHENTICATE = 0x82
    GET_CHALLENGE = 0x84
    INTERNAL_AUTHENTICATE = 0x88
    SELECT = 0xA4
    GET_PROCESSING_OPTIONS = 0xA8
    GENERATE_AC = 0xAE
    READ_RECORD = 0xB2
    GET_RESPONSE = 0xC0
    GET_DATA = 0xCA


class CryptogramType(IntEnum):
    """P1 of GENERATE AC, and the upper bits of the CID."""

    AAC = 0x00
    TC = 0x40
    ARQC = 0x80


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command to the card; `le` is the length expected, 256 for "all", None for no data."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None

    def encode(self) -> bytes:
        """Cases 1 to 4 of ISO 7816-3. Raises LocalProtocolError."""
        if len(self.data) > 255 or (self.le is not None and not 1 <= self.le <= 256):
            raise LocalProtocolError(f"an APDU with {len(self.data)} bytes of data and Le {self.le}")
        encoded = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            encoded += bytes((len(self.data),)) + self.data
        if self.le is not None:
            encoded += bytes((self.le % 256,))
        return encoded

    @classmethod
    def parse(cls, apdu: bytes) -> "CommandApdu":
        """From the line. Raises RemoteProtocolError."""
        if len(apdu) < 4:
            raise RemoteProtocolError(f"an APDU of {len(apdu)} bytes")
        cla, ins, p1, p2 = apdu[:4]
        rest = apdu[4:]
        if len(rest) <= 1:
            return cls(cla, ins, p1, p2, b"", (rest[0] or 256) if rest else None)
        data = rest[1 : 1 + rest[0]]
        after = rest[1 + rest[0] :]
        if not rest[0] or len(data) != rest[0] or len(after) > 1:
            raise RemoteProtocolError(f"Lc {rest[0]} with {len(rest) - 1} bytes after it")
        return cls(cla, ins, p1, p2, data, (after[0] or 256) if after else None)


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """What the card answered."""

    data: bytes = field(repr=False)
    sw: int

    def encode(self) -> bytes:
        """Data, SW1, SW2."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def parse(cls, response: bytes) -> "ResponseApdu":
        """From the line. Raises RemoteProtocolError."""
        if len(response) < 2:
            raise RemoteProtocolError(f"a card's answer of {len(response)} bytes")
        return cls(response[:-2], int.from_bytes(response[-2:], "big"))

    @property
    def ok(self) -> bool:
        """9000."""
        return self.sw == StatusWord.OK

    @property
    def waiting(self) -> int | None:
        """61xx: so many bytes can be fetched with GET RESPONSE (256 for 00)."""
        return (self.sw & 0xFF or 256) if self.sw >> 8 == 0x61 else None

    @property
    def right_length(self) -> int | None:
        """6Cxx: repeat the command with this Le (256 for 00)."""
        return (self.sw & 0xFF or 256) if self.sw >> 8 == 0x6C else None

    @property
    def tries_left(self) -> int | None:
        """63Cx: wrong PIN, x tries left."""
        return self.sw & 0x0F if self.sw & 0xFFF0 == 0x63C0 else None


def select_by_name(name: bytes, *, next_occurrence: bool = False) -> CommandApdu:
    """SELECT an application; `name` may be the beginning of its AID."""
    return CommandApdu(0x00, Ins.SELECT, 0x04, 0x02 if next_occurrence else 0x00, name, 256)


def select_file(file_id: int) -> CommandApdu:
    """SELECT an elementary file under the current application."""
    return CommandApdu(0x00, Ins.SELECT, 0x02, 0x00, file_id.to_bytes(2, "big"), 256)


def read_record(number: int, sfi: int) -> CommandApdu:
    """READ RECORD by number, of a file by its short identifier (0: the selected file)."""
    return CommandApdu(0x00, Ins.READ_RECORD, number, sfi << 3 | 0x04, b"", 256)


def read_record_by_identifier(identifier: int) -> CommandApdu:
    """READ RECORD of the selected file, by the record's identifier."""
    return CommandApdu(0x00, Ins.READ_RECORD, identifier, 0x00, b"", 256)


def get_response(length: int) -> CommandApdu:
    """GET RESPONSE: fetch what 61xx announced."""
    return CommandApdu(0x00, Ins.GET_RESPONSE, 0x00, 0x00, b"", length)


def get_processing_options(pdol_data: bytes) -> CommandApdu:
    """GET PROCESSING OPTIONS with the data the PDOL asked for."""
    data = bytes((Tag.COMMAND_TEMPLATE, len(pdol_data))) + pdol_data
    return CommandApdu(0x80, Ins.GET_PROCESSING_OPTIONS, 0x00, 0x00, data, 256)


def generate_ac(kind: CryptogramType, cdol_data: bytes) -> CommandApdu:
    """GENERATE AC with the data the CDOL asked for."""
    return CommandApdu(0x80, Ins.GENERATE_AC, kind, 0x00, cdol_data, 256)


def get_data(tag: Tag) -> CommandApdu:
    """GET DATA of one primitive object."""
    return CommandApdu(0x80, Ins.GET_DATA, tag >> 8, tag & 0xFF, b"", 256)


def external_authenticate(issuer_data: bytes) -> CommandApdu:
    """EXTERNAL AUTHENTICATE with the issuer's answer (tag 91)."""
    return CommandApdu(0x00, Ins.EXTERNAL_AUTHENTICATE, 0x00, 0x00, issuer_data)


@dataclass(frozen=True, slots=True)
class AflEntry:
    """Records `first` to `last` of the file `sfi`; the first `signed` of them go into offline authentication."""

    sfi: int
    first: int
    last: int
    signed: int


def parse_afl(data: bytes) -> tuple[AflEntry, ...]:
    """The application file locator. Raises RemoteProtocolError."""
    entries = tuple(AflEntry(data[at] >> 3, *data[at + 1 : at + 4]) for at in range(0, len(data) - 3, 4))
    if len(data) % 4 or not all(1 <= entry.first <= entry.last for entry in entries):
        raise RemoteProtocolError(f"an application file locator of {len(data)} bytes that names no records")
    return entries


def encode_afl(entries: tuple[AflEntry, ...]) -> bytes:
    """The application file locator as it stands in tag 94."""
    return b"".join(bytes((entry.sfi << 3, entry.first, entry.last, entry.signed)) for entry in entries)
