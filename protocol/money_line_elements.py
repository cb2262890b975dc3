"""The data elements of the money line as types: each says in which field a value stands, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from protocol.money_line_fields import (
    AmountType,
    BindingRule,
    JournalAnchor,
    NetworkCode,
    Original,
    ProcessingCode,
    Settlement,
    TransactionType,
    UnitResult,
    WorkingKeys,
    decode_amounts,
    decode_rules,
    decode_unit_results,
    encode_amounts,
    encode_rules,
    encode_unit_results,
)
from protocol.wire import LocalProtocolError

CHECK_CODE_SIZE: Final = 8
"""Characters of a receipt's check code in field 44."""


@dataclass(frozen=True, slots=True)
class Element:
    """How an attribute is carried: field `number`, or digits `part` of it."""

    number: int
    encode: Callable[[Any], str | bytes] = lambda value: value
    decode: Callable[[Any], Any] = lambda value: value
    part: tuple[int, int] | None = None


def _number(number: int, width: int, part: tuple[int, int] | None = None) -> Element:
    def encode(value: int) -> str:
        if not 0 <= value < 10**width:
            raise LocalProtocolError(f"field {number}: the value does not fit {width} digits")
        return f"{value:0{width}d}"

    return Element(number, encode, int, part)


def _padded(number: int, width: int) -> Element:
    return Element(number, lambda value: value.ljust(width), lambda value: value.rstrip(" "))


def _tries_of(additional: str) -> int | None:
    """Field 44 has the tries that are left (one digit), a check code (eight), or where or when to try instead."""
    text = additional.rstrip(" ")
    return None if len(text) > 1 else int(text)


def _check_code_of(additional: str) -> str | None:
    text = additional.rstrip(" ")
    return text if len(text) == CHECK_CODE_SIZE else None


Pan: TypeAlias = Annotated[str, Element(2)]
Processing: TypeAlias = Annotated[ProcessingCode, Element(3, decode=ProcessingCode)]
Amount: TypeAlias = Annotated[int, _number(4, 12)]
Stan: TypeAlias = Annotated[int, _number(11, 6)]
LocalTime: TypeAlias = Annotated[str, Element(12)]
LocalDate: TypeAlias = Annotated[str, Element(13)]
Expiry: TypeAlias = Annotated[str, Element(14)]
EntryMode: TypeAlias = Annotated[str, Element(22)]
PanSequence: TypeAlias = Annotated[str, Element(23)]
Condition: TypeAlias = Annotated[str, Element(25)]
PinCapacity: TypeAlias = Annotated[str, Element(26)]
Acquirer: TypeAlias = Annotated[str, Element(32)]
Track2: TypeAlias = Annotated[str, Element(35)]
Reference: TypeAlias = Annotated[str, Element(37)]
Authorisation: TypeAlias = Annotated[str, Element(38)]
Reply: TypeAlias = Annotated[str, Element(39)]
Terminal: TypeAlias = Annotated[str, _padded(41, 8)]
Merchant: TypeAlias = Annotated[str, _padded(42, 15)]
PinTriesLeft: TypeAlias = Annotated[int, Element(44, lambda left: f"{left:d}", _tries_of)]
CheckCode: TypeAlias = Annotated[str, Element(44, decode=_check_code_of)]
UnitResults: TypeAlias = Annotated[tuple[UnitResult, ...], Element(48, encode_unit_results, decode_unit_results)]
Currency: TypeAlias = Annotated[str, Element(49)]
PinBlock: TypeAlias = Annotated[bytes, Element(52)]
PinBlockSm4: TypeAlias = Annotated[bytes, Element(59)]
Payee: TypeAlias = Annotated[str, Element(48)]
SettlementData: TypeAlias = Annotated[Settlement, Element(48, Settlement.encode, Settlement.decode)]
RecordCount: TypeAlias = Annotated[int, _number(48, 4)]
SecurityControl: TypeAlias = Annotated[str, Element(53)]
Amounts: TypeAlias = Annotated[Mapping[AmountType, int], Element(54, encode_amounts, decode_amounts)]
ChipData: TypeAlias = Annotated[bytes, Element(55)]
Type: TypeAlias = Annotated[TransactionType, Element(60, decode=TransactionType, part=(0, 2))]
Batch: TypeAlias = Annotated[int, _number(60, 6, part=(2, 8))]
Network: TypeAlias = Annotated[NetworkCode, Element(60, decode=NetworkCode, part=(8, 11))]
OriginalData: TypeAlias = Annotated[Original, Element(61, Original.encode, Original.decode)]
Keys: TypeAlias = Annotated[WorkingKeys, Element(62, WorkingKeys.encode, WorkingKeys.decode)]
Anchor: TypeAlias = Annotated[JournalAnchor, Element(62, JournalAnchor.encode_bytes, JournalAnchor.decode_bytes)]
KnownAnchor: TypeAlias = Annotated[JournalAnchor, Element(63, JournalAnchor.encode, JournalAnchor.decode)]
TerminalInfo: TypeAlias = Annotated[bytes, Element(62)]
Operator: TypeAlias = Annotated[str, Element(63)]
Rules: TypeAlias = Annotated[tuple[BindingRule, ...], Element(63, encode_rules, decode_rules)]
