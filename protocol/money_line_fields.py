"""The data elements of the money line: one table of formats, and the values inside the composite ones.

Formats follow the UnionPay-style conventions between a terminal and its acquiring front-end: BCD is packed, two digits
a byte; LLVAR has a length of one BCD byte, LLLVAR of two. The length of a BCD field counts digits, that of a text or
binary field counts bytes. What those conventions leave open (padding nibbles, fields 48, 54, 59, 61 and 63) is our
profile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from protocol.wire import LocalProtocolError, RemoteProtocolError


class Kind(StrEnum):
    """What a data element is made of."""

    DIGITS = "n"
    TRACK = "z"
    TEXT = "ans"
    BINARY = "b"


@dataclass(frozen=True, slots=True)
class Format:
    """One data element: `size` is the exact size (`length_bytes` 0) or the largest, in digits or in bytes.

    `pad` fills the half byte left over by an odd number of digits, on the right unless `pad_left`. The bytes of a
    `secret` element are never written down.
    """

    name: str
    kind: Kind
    size: int
    length_bytes: int = 0
    pad: str = "0"
    pad_left: bool = False
    secret: bool = False


_N, _Z, _T, _B = Kind.DIGITS, Kind.TRACK, Kind.TEXT, Kind.BINARY

FIELDS: Mapping[int, Format] = {
    2: Format("card number", _N, 19, 1, pad="F", secret=True),
    3: Format("processing code", _N, 6),
    4: Format("amount", _N, 12),
    11: Format("trace number", _N, 6),
    12: Format("local time", _N, 6),
    13: Format("local date", _N, 4),
    14: Format("expiry date", _N, 4),
    15: Format("settlement date", _N, 4),
    18: Format("merchant category", _N, 4),
    22: Format("entry mode", _N, 3),
    23: Format("card sequence number", _N, 3, pad_left=True),
    25: Format("condition code", _N, 2),
    26: Format("PIN length capacity", _N, 2),
    32: Format("acquirer", _N, 11, 1),
    35: Format("track 2", _Z, 37, 1, pad="F", secret=True),
    36: Format("track 3", _Z, 104, 2, pad="F", secret=True),
    37: Format("retrieval reference", _T, 12),
    38: Format("authorisation code", _T, 6),
    39: Format("reply code", _T, 2),
    41: Format("terminal", _T, 8),
    42: Format("merchant", _T, 15),
    44: Format("additional reply data", _T, 25, 1),
    48: Format("notes by cassette", _T, 322, 2),
    49: Format("currency", _T, 3),
    52: Format("PIN block under TDES", _B, 8, secret=True),
    53: Format("security control", _N, 16),
    54: Format("amounts", _T, 120, 2),
    55: Format("chip data", _B, 255, 2, secret=True),
    59: Format("PIN block under SM4", _B, 16, secret=True),
    60: Format("type, batch, network code", _N, 17, 2),
    61: Format("original transaction", _N, 29, 2),
    62: Format("keys, terminal information", _B, 512, 2, secret=True),
    63: Format("operator, binding rules", _T, 512, 2),
    64: Format("MAC", _B, 8),
}
"""Field 59 is ours: field 52 has 8 bytes whatever the keys, and a PIN block under SM4 has 16. One of them is sent."""

SETTLEMENT_FIELDS: Mapping[int, Format] = {48: Format("totals, number of records", _N, 322, 2)}
"""What messages 03xx and 05xx carry in another format."""

REVERSAL_ADVICE: Final = "0420"
"""A reversal in the way of the online ATM interface, see `REVERSAL_ADVICE_FIELDS`."""

REVERSAL_ADVICE_FIELDS: Mapping[int, Format] = {
    90: Format("original data elements", _N, 42),
    128: Format("MAC", _B, 8),
}
"""What only a 0420 may have: its original in field 90, which needs the second bitmap, so that the MAC is 128 then."""


def format_of(mti: str, number: int) -> Format | None:
    """The format of a field in messages of a type; None where the profile has no such field."""
    if mti == REVERSAL_ADVICE:
        return REVERSAL_ADVICE_FIELDS.get(number) or FIELDS.get(number)
    own = SETTLEMENT_FIELDS.get(number) if mti[:2] in ("03", "05") else None
    return own or FIELDS.get(number)


def is_secret(number: int) -> bool:
    """Are the bytes of this element never written down?"""
    return number in FIELDS and FIELDS[number].secret


class TransactionType(StrEnum):
    """Field 60.1."""

    MANAGEMENT = "00"
    ENQUIRY = "01"
    CASH = "71"
    TRANSFER = "72"


class NetworkCode(StrEnum):
    """Field 60.3."""

    NONE = "000"
    SIGN_OFF = "002"
    SIGN_ON_TDES = "003"
    SIGN_ON_SM4 = "013"
    SETTLEMENT = "201"
    UPLOAD_ENDED = "202"
    UPLOAD_ENDED_BALANCED = "207"
    ECHO = "301"


class ProcessingCode(StrEnum):
    """Field 3."""

    QUOTE = "310000"
    CASH = "010000"
    TRANSFER = "400000"


class AmountType(StrEnum):
    """Which amount a part of field 54 is; 90 to 93 are ours."""

    LEDGER = "01"
    AVAILABLE = "02"
    MAXIMUM_DRAW = "90"
    REST_OF_DAY = "91"
    REST_OF_YEAR = "92"
    REST_OF_APPLICATION = "93"


MOST_FEN: Final = 10**12 - 1
"""What the twelve digits of an amount can tell."""

_CURRENCY = "156"
_DEFAULT_ACCOUNT = "00"
_AMOUNT_WIDTH = 20


def encode_amounts(amounts: Mapping[AmountType, int]) -> str:
    """Field 54: amounts in fen, each as account type 2, amount type 2, currency 3, sign C or D, 12 digits."""
    return "".join(
        f"{_DEFAULT_ACCOUNT}{kind}{_CURRENCY}{'C' if fen >= 0 else 'D'}{_digits(abs(fen), 12, 54)}"
        for kind, fen in amounts.items()
    )


def decode_amounts(text: str) -> dict[AmountType, int]:
    """Field 54 back to fen. Raises RemoteProtocolError."""
    if len(text) % _AMOUNT_WIDTH:
        raise RemoteProtocolError(f"field 54 has {len(text)} characters, not a multiple of {_AMOUNT_WIDTH}")
    amounts: dict[AmountType, int] = {}
    for start in range(0, len(text), _AMOUNT_WIDTH):
        part = text[start : start + _AMOUNT_WIDTH]
        sign, digits = part[7], part[8:]
        if part[4:7] != _CURRENCY or sign not in "CD" or not is_digits(digits):
            raise RemoteProtocolError("field 54: not currency 156, C or D, and twelve digits")
        try:
            kind = AmountType(part[2:4])
        except ValueError:
            raise RemoteProtocolError(f"field 54: unknown amount type {part[2:4]!r}") from None
        amounts[kind] = int(digits) if sign == "C" else -int(digits)
    return amounts


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of the notes of one cassette, in notes; None where the device did not count."""

    denomination_fen: int
    presented: int | None
    taken: int | None
    retracted: int | None
    rejected: int | None


def encode_unit_results(results: Iterable[UnitResult]) -> str:
    """Field 48: `yuan x presented/taken/retracted/rejected` for each cassette, joined by `;`, `?` for not counted."""
    parts = []
    for unit in results:
        if unit.denomination_fen % 100:
            raise LocalProtocolError("field 48: a note is a whole number of yuan")
        counts = (unit.presented, unit.taken, unit.retracted, unit.rejected)
        parts.append(
            f"{unit.denomination_fen // 100}x" + "/".join("?" if count is None else str(count) for count in counts)
        )
    return ";".join(parts)


def decode_unit_results(text: str) -> tuple[UnitResult, ...]:
    """Field 48 of a confirm or reversal. Raises RemoteProtocolError."""
    return tuple(_unit_result(part) for part in text.split(";")) if text else ()


def _unit_result(text: str) -> UnitResult:
    yuan, _, rest = text.partition("x")
    counts = rest.split("/")
    if not is_digits(yuan) or len(counts) != 4 or not all(count == "?" or is_digits(count) for count in counts):
        raise RemoteProtocolError("field 48: not `yuan x presented/taken/retracted/rejected`")
    presented, taken, retracted, rejected = (None if count == "?" else int(count) for count in counts)
    return UnitResult(int(yuan) * 100, presented, taken, retracted, rejected)


@dataclass(frozen=True, slots=True)
class Original:
    """Field 61: which transaction an advice is about; `date` is the MMDD of the original."""

    batch: int
    stan: int
    date: str

    def encode(self) -> str:
        """Batch 6, STAN 6, date 4."""
        if not (is_digits(self.date) and len(self.date) == 4):
            raise LocalProtocolError("field 61: the date is MMDD")
        return _digits(self.batch, 6, 61) + _digits(self.stan, 6, 61) + self.date

    @classmethod
    def decode(cls, digits: str) -> "Original":
        """Raises RemoteProtocolError."""
        if len(digits) != 16:
            raise RemoteProtocolError(f"field 61 has {len(digits)} digits, not 16")
        return cls(int(digits[:6]), int(digits[6:12]), digits[12:])


@dataclass(frozen=True, slots=True)
class JournalAnchor:
    """Fields 62 and 63: how far a terminal's journal had got: a record's number, and the front of its hash.

    The host keeps the highest that it has heard under a MAC and tells it at sign-on, so that a terminal finds that its
    disk was set back to an older image.
    """

    seq: int
    digest: str

    def encode(self) -> str:
        """Number 10, hash 16."""
        if len(self.digest) != 16 or not self.digest.isascii():
            raise LocalProtocolError("an anchor carries the first 16 digits of a hash")
        return _digits(self.seq, 10, 62) + self.digest

    @classmethod
    def decode(cls, text: str) -> "JournalAnchor":
        """Raises RemoteProtocolError."""
        if len(text) != 26 or not is_digits(text[:10]):
            raise RemoteProtocolError("an anchor is 10 digits and the front of a hash")
        return cls(int(text[:10]), text[10:])

    def encode_bytes(self) -> bytes:
        """For field 62."""
        return self.encode().encode("ascii")

    @classmethod
    def decode_bytes(cls, data: bytes) -> "JournalAnchor":
        """From field 62. Raises RemoteProtocolError."""
        if not data.isascii():
            raise RemoteProtocolError("an anchor is 10 digits and the front of a hash")
        return cls.decode(data.decode("ascii"))


class SettlementResult(StrEnum):
    """The last digit of totals: what the host found; a terminal asks with 0."""

    ASKED = "0"
    BALANCED = "1"
    NOT_BALANCED = "2"
    ERROR = "3"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a terminal paid in a batch (debit: cash and transfers) and what it gave back of that (credit)."""

    debit_fen: int = 0
    debit_count: int = 0
    credit_fen: int = 0
    credit_count: int = 0


_TOTALS_WIDTH = 31


@dataclass(frozen=True, slots=True)
class Settlement:
    """Field 48 of 0500 and 0510: totals of domestic cards with their result, then of foreign cards with theirs."""

    domestic: Totals
    domestic_result: SettlementResult = SettlementResult.ASKED
    foreign: Totals = Totals()
    foreign_result: SettlementResult = SettlementResult.ASKED

    @property
    def balanced(self) -> bool:
        """The host found both as it has them itself."""
        return self.domestic_result is self.foreign_result is SettlementResult.BALANCED

    def encode(self) -> str:
        """Twice: debit sum 12, debit count 3, credit sum 12, credit count 3, result 1."""
        return _totals(self.domestic, self.domestic_result) + _totals(self.foreign, self.foreign_result)

    @classmethod
    def decode(cls, digits: str) -> "Settlement":
        """Raises RemoteProtocolError."""
        if len(digits) != 2 * _TOTALS_WIDTH:
            raise RemoteProtocolError(f"field 48 has {len(digits)} digits, not {2 * _TOTALS_WIDTH}")
        halves = digits[:_TOTALS_WIDTH], digits[_TOTALS_WIDTH:]
        try:
            results = [SettlementResult(half[-1]) for half in halves]
        except ValueError:
            raise RemoteProtocolError("field 48: a result is a digit from 0 to 3") from None
        domestic, foreign = (
            Totals(int(half[:12]), int(half[12:15]), int(half[15:27]), int(half[27:30])) for half in halves
        )
        return cls(domestic, results[0], foreign, results[1])


def _totals(totals: Totals, result: SettlementResult) -> str:
    return (
        _digits(totals.debit_fen, 12, 48)
        + _digits(totals.debit_count, 3, 48)
        + _digits(totals.credit_fen, 12, 48)
        + _digits(totals.credit_count, 3, 48)
        + result
    )


@dataclass(frozen=True, slots=True)
class BindingRule:
    """One rule of a policy that refused or bound an amount."""

    rule: str
    region: str
    version: str


def encode_rules(rules: Iterable[BindingRule]) -> str:
    """Field 63 of a reply: `rule:region:version`, joined by `,`."""
    parts = [(rule.rule, rule.region, rule.version) for rule in rules]
    if any(not word or ":" in word or "," in word for part in parts for word in part):
        raise LocalProtocolError("field 63: rule, region and version are words without `:` and `,`")
    return ",".join(":".join(part) for part in parts)


def decode_rules(text: str) -> tuple[BindingRule, ...]:
    """Field 63 of a reply. Raises RemoteProtocolError."""
    if not text:
        return ()
    rules = [part.split(":") for part in text.split(",")]
    if any(len(words) != 3 or not all(words) for words in rules):
        raise RemoteProtocolError("field 63: not `rule:region:version`")
    return tuple(BindingRule(*words) for words in rules)


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """Field 62 of a sign-on reply: the working keys under the terminal master key, each with its check value."""

    pin_key: bytes = field(repr=False)
    pin_key_check: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    mac_key_check: bytes = field(repr=False)

    def encode(self) -> bytes:
        """PIN key 16, check value 4, MAC key 16, check value 4."""
        parts = (self.pin_key, self.pin_key_check, self.mac_key, self.mac_key_check)
        if [len(part) for part in parts] != [16, 4, 16, 4]:
            raise LocalProtocolError("field 62: keys have 16 bytes and check values 4")
        return b"".join(parts)

    @classmethod
    def decode(cls, data: bytes) -> "WorkingKeys":
        """Raises RemoteProtocolError."""
        if len(data) != 40:
            raise RemoteProtocolError(f"field 62 has {len(data)} bytes, not the 40 of two double-length keys")
        return cls(data[:16], data[16:20], data[20:36], data[36:40])


def is_digits(text: str) -> bool:
    """ASCII digits only, at least one."""
    return text.isascii() and text.isdigit()


def _digits(value: int, width: int, number: int) -> str:
    if not 0 <= value < 10**width:
        raise LocalProtocolError(f"field {number}: the value does not fit {width} digits")
    return f"{value:0{width}d}"
