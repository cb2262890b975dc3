"""The social-security card: its files and fields, and its check digits (LD/T 32-2015, GB 11714, GB 11643).

Every record of EF05 (issuer) and EF06 (holder) is `tag (1) | length (1) | value`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from protocol.wire import LocalProtocolError, RemoteProtocolError

AID = b"sx1.sh." + "社会保障".encode("gb18030")
EF_ISSUER = 0xEF05
EF_HOLDER = 0xEF06
SFI_ISSUER = 5
SFI_HOLDER = 6
RID = "D156000005"


class Coding(StrEnum):
    """How a value is written: packed digits filled right with F, ASCII or GBK filled right with 00."""

    DIGITS = "cn"
    TEXT = "an"
    CHINESE = "gbk"


@dataclass(frozen=True, slots=True)
class Field:
    """One record: where it is, how long its value is (bytes), and how it is coded."""

    file: int
    tag: int
    name: str
    length: int
    coding: Coding

    def encode(self, value: str) -> bytes:
        """The whole record. Raises LocalProtocolError when the value does not fit."""
        match self.coding:
            case Coding.DIGITS:
                content = bytes.fromhex(value + "F" * (len(value) % 2))
                content = content.ljust(self.length, b"\xff")
            case Coding.TEXT:
                content = value.encode("ascii").ljust(self.length, b"\x00")
            case Coding.CHINESE:
                content = value.encode("gb18030").ljust(self.length, b"\x00")
        if len(content) > self.length:
            raise LocalProtocolError(f"{self.name} takes {self.length} bytes, not {len(content)}")
        return bytes((self.tag, self.length)) + content

    def empty(self) -> bytes:
        """The record as a card shows it that wants authentication first."""
        return bytes((self.tag, 0))

    def decode(self, record: bytes) -> str:
        """The value of a record, without filling; "" when it is empty. Raises RemoteProtocolError."""
        if len(record) < 2 or record[0] != self.tag or record[1] > len(record) - 2:
            raise RemoteProtocolError(f"the record of {self.name} has {len(record)} bytes and another form")
        content = record[2 : 2 + record[1]]
        try:
            match self.coding:
                case Coding.DIGITS:
                    return content.hex().upper().rstrip("F")
                case Coding.TEXT:
                    return content.rstrip(b"\x00 ").decode("ascii")
                case Coding.CHINESE:
                    return content.rstrip(b"\x00 ").decode("gb18030")
        except UnicodeDecodeError as error:
            raise RemoteProtocolError(f"the record of {self.name} is not {self.coding}") from error


CARD_IDENTIFIER = Field(EF_ISSUER, 0x01, "card identifier", 16, Coding.DIGITS)
CARD_CLASS = Field(EF_ISSUER, 0x02, "card class", 1, Coding.TEXT)
VERSION = Field(EF_ISSUER, 0x03, "specification version", 4, Coding.TEXT)
INITIALIZING_BODY = Field(EF_ISSUER, 0x04, "initialising body", 12, Coding.DIGITS)
ISSUE_DATE = Field(EF_ISSUER, 0x05, "issue date", 4, Coding.DIGITS)
EXPIRY_DATE = Field(EF_ISSUER, 0x06, "expiry date", 4, Coding.DIGITS)
CARD_NUMBER = Field(EF_ISSUER, 0x07, "card number", 9, Coding.TEXT)
ID_NUMBER = Field(EF_HOLDER, 0x08, "social security number", 18, Coding.TEXT)
NAME = Field(EF_HOLDER, 0x09, "name", 30, Coding.CHINESE)
SEX = Field(EF_HOLDER, 0x0A, "sex", 1, Coding.TEXT)
ETHNIC_GROUP = Field(EF_HOLDER, 0x0B, "ethnic group", 1, Coding.DIGITS)
BIRTHPLACE = Field(EF_HOLDER, 0x0C, "birthplace", 3, Coding.DIGITS)
BIRTH_DATE = Field(EF_HOLDER, 0x0D, "birth date", 4, Coding.DIGITS)

FIELDS: tuple[Field, ...] = (
    CARD_IDENTIFIER,
    CARD_CLASS,
    VERSION,
    INITIALIZING_BODY,
    ISSUE_DATE,
    EXPIRY_DATE,
    CARD_NUMBER,
    ID_NUMBER,
    NAME,
    SEX,
    ETHNIC_GROUP,
    BIRTHPLACE,
    BIRTH_DATE,
)


@dataclass(frozen=True, slots=True)
class BasicData:
    """What can be read without authentication, in the order in which card libraries return it."""

    region: str
    id_number: str = field(repr=False)
    card_number: str = field(repr=False)
    card_identifier: str = field(repr=False)
    name: str = field(repr=False)
    reset_data: str
    version: str
    issue_date: str
    expiry_date: str
    terminal_number: str = ""
    terminal_device_number: str = ""

    def line(self) -> str:
        """The fields as those libraries hand them out, each ended with a bar."""
        values = (
            self.region,
            self.id_number,
            self.card_number,
            self.card_identifier,
            self.name,
            self.reset_data,
            self.version,
            self.issue_date,
            self.expiry_date,
            self.terminal_number,
            self.terminal_device_number,
        )
        return "".join(f"{value}|" for value in values)


def region_of(card_identifier: str) -> str:
    """The six digits of the issuing region that begin a card identifier; "" when it has another form."""
    region = card_identifier[:6]
    return region if len(region) == 6 and region.isdecimal() else ""


def id_check_character(body: str) -> str:
    """The last character of a resident's ID number from the first 17 digits (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def is_id_number(number: str) -> bool:
    """18 characters with a right check character; region and birth date are not judged (foreigners' differ)."""
    return len(number) == 18 and _digits(number[:17]) and id_check_character(number[:17]) == number[17]


def card_check_character(body: str) -> str:
    """The last character of a social-security card number from the first eight (GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def is_card_number(number: str) -> bool:
    """Nine characters with a right check character."""
    body = number[:8]
    well_formed = len(number) == 9 and body.isascii() and body.isalnum() and body == body.upper()
    return well_formed and card_check_character(body) == number[8]


def luhn_digit(body: str) -> str:
    """The last digit of a bank card number from the digits before it."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in body[::-2])
    return str(-(doubled + sum(int(digit) for digit in body[-2::-2])) % 10)


def is_pan(number: str) -> bool:
    """13 to 19 digits of which the last is the Luhn digit."""
    return 13 <= len(number) <= 19 and _digits(number) and luhn_digit(number[:-1]) == number[-1]


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
