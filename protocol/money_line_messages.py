"""The messages of the money line as typed values: each class is one row of the profile's table.

An attribute's type says which data element it is; a field that is None or an empty tuple is not sent. `init=False`
attributes are what makes a message this message: they are checked when it is read. Fields that a class does not name
are ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias, get_type_hints

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
    is_digits,
)
from protocol.money_line_frame import Header, Message, Tpdu
from protocol.wire import LocalProtocolError, RemoteProtocolError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMessage:
    """What all messages carry. `terminal` and `merchant` are without their padding."""

    MTI: ClassVar[str] = ""
    ONE_OF: ClassVar[tuple[int, ...]] = ()
    """Fields of which exactly one is there."""

    stan: Stan
    terminal: Terminal
    merchant: Merchant
    batch: Batch

    def to_message(self, tpdu: Tpdu = Tpdu(), header: Header = Header()) -> Message:  # noqa: B008  # frozen values
        """The fields of this message, without a MAC. Raises LocalProtocolError."""
        values: dict[int, str | bytes] = {}
        parts: dict[int, list[tuple[int, str]]] = {}
        for attribute, element in _layout(type(self)):
            value = getattr(self, attribute.name)
            if value is None or value == ():
                continue
            encoded = element.encode(value)
            if element.part is None:
                values[element.number] = encoded if isinstance(encoded, bytes) else str(encoded)
            else:
                parts.setdefault(element.number, []).append((element.part[0], str(encoded)))
        for number, pieces in parts.items():
            values[number] = "".join(piece for _, piece in sorted(pieces))
        return Message(self.MTI, dict(sorted(values.items())), tpdu, header)

    @classmethod
    def from_message(cls, message: Message) -> Self:
        """Read a message of this type. Raises RemoteProtocolError, which names the field and never its value."""
        if message.mti != cls.MTI:
            raise RemoteProtocolError(f"{message.mti} is not {cls.MTI}")
        values: dict[str, Any] = {}
        for attribute, element in _layout(cls):
            value = _decoded(message, element)
            if value is None and attribute.default is MISSING:
                raise RemoteProtocolError(f"{cls.MTI} lacks field {element.number}")
            if attribute.init:
                values[attribute.name] = attribute.default if value is None else value
            elif value != attribute.default:
                raise RemoteProtocolError(f"field {element.number} is not that of a {cls.__name__}")
        if cls.ONE_OF and sum(number in message.fields for number in cls.ONE_OF) != 1:
            raise RemoteProtocolError(f"{cls.MTI} has one of the fields {' and '.join(map(str, cls.ONE_OF))}")
        return cls(**values)


def _decoded(message: Message, element: Element) -> Any:
    carried = message.fields.get(element.number)
    if carried is None:
        return None
    if element.part is not None:
        start, end = element.part
        carried = carried[start:end]
        if len(carried) != end - start:
            raise RemoteProtocolError(f"field {element.number} is too short")
    try:
        return element.decode(carried)
    except ValueError:
        pass
    raise RemoteProtocolError(f"field {element.number} has a value that the profile does not know")


_LAYOUTS: Final[dict[type[TypedMessage], tuple[tuple[Field[Any], Element], ...]]] = {}


def _layout(cls: type[TypedMessage]) -> tuple[tuple[Field[Any], Element], ...]:
    """The attributes of a message class with their elements, worked out once."""
    if cls not in _LAYOUTS:
        hints = get_type_hints(cls, include_extras=True)
        _LAYOUTS[cls] = tuple((attribute, _element(hints[attribute.name])) for attribute in fields(cls))
    return _LAYOUTS[cls]


def _element(hint: Any) -> Element:
    for candidate in (hint, *getattr(hint, "__args__", ())):
        for metadata in getattr(candidate, "__metadata__", ()):
            if isinstance(metadata, Element):
                return metadata
    raise TypeError(f"{hint} names no data element")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer(TypedMessage):
    """What all replies carry. `time` is hhmmss and `date` MMDD by the host's clock; there is no year."""

    time: LocalTime
    date: LocalDate
    code: Reply


# --- Network management, without a MAC


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn(TypedMessage):
    """0800: the terminal asks for working keys; `network` says of which kind."""

    MTI: ClassVar[str] = "0800"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.SIGN_ON_TDES
    terminal_info: TerminalInfo | None = None
    operator: Operator = "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnReply(_Answer):
    """0810: working keys under the master key, the host's time, and the batch that is open."""

    MTI: ClassVar[str] = "0810"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.SIGN_ON_TDES
    acquirer: Acquirer | None = None
    reference: Reference | None = None
    keys: Keys | None = None
    anchor: KnownAnchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkManagement(TypedMessage):
    """0820: echo or sign-off."""

    MTI: ClassVar[str] = "0820"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.ECHO


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkManagementReply(_Answer):
    """0830."""

    MTI: ClassVar[str] = "0830"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.ECHO


# --- Quote, cash and transfer, with a MAC

SECURITY_TDES: Final = "2600000000000000"
"""Field 53: the PIN block holds the PAN (2), under a double-length TDES key (6)."""

SECURITY_SM4: Final = "2300000000000000"
"""Field 53: the PIN block holds the PAN (2), under an SM4 key (3 is our profile's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _CardRequest(TypedMessage):
    """What requests carry about card and PIN: `pin_block` (8 bytes) under a TDES key, else `pin_block_sm4` (16)."""

    ONE_OF: ClassVar[tuple[int, ...]] = (52, 59)

    pan: Pan = field(repr=False)
    expiry: Expiry | None = field(default=None, repr=False)
    entry_mode: EntryMode = "051"
    pan_sequence: PanSequence | None = None
    condition: Condition = "00"
    pin_capacity: PinCapacity = "06"
    track2: Track2 | None = field(default=None, repr=False)
    currency: Currency = "156"
    pin_block: PinBlock | None = field(default=None, repr=False)
    pin_block_sm4: PinBlockSm4 | None = field(default=None, repr=False)
    security_control: SecurityControl = SECURITY_TDES
    chip_data: ChipData | None = field(default=None, repr=False)
    network: Network = NetworkCode.NONE

    @property
    def sealed_pin(self) -> bytes:
        """The PIN block, under whichever key."""
        return self.pin_block or self.pin_block_sm4 or b""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest(_CardRequest):
    """0200 / 310000: verify the PIN and say what may be drawn."""

    MTI: ClassVar[str] = "0200"

    processing_code: Processing = field(default=ProcessingCode.QUOTE, init=False)
    transaction_type: Type = field(default=TransactionType.ENQUIRY, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRequest(_CardRequest):
    """0200 / 010000: authorise and hold `amount` fen."""

    MTI: ClassVar[str] = "0200"

    processing_code: Processing = field(default=ProcessingCode.CASH, init=False)
    transaction_type: Type = field(default=TransactionType.CASH, init=False)
    amount: Amount
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest(_CardRequest):
    """0200 / 400000: authorise `amount` fen and pay them to the person's own account, which the application names."""

    MTI: ClassVar[str] = "0200"

    processing_code: Processing = field(default=ProcessingCode.TRANSFER, init=False)
    transaction_type: Type = field(default=TransactionType.TRANSFER, init=False)
    amount: Amount
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _CardReply(_Answer):
    """What the replies to these requests carry; a refusal leaves most of it out.

    `pin_tries_left` comes with code 55: how often the PIN may still be tried. Other answers have a `check_code`, which
    with the reference says on a receipt that it is genuine.
    """

    pan: Pan | None = field(default=None, repr=False)
    acquirer: Acquirer | None = None
    reference: Reference | None = None
    pin_tries_left: PinTriesLeft | None = None
    check_code: CheckCode | None = None
    currency: Currency = "156"
    amounts: Amounts | None = None
    chip_data: ChipData | None = field(default=None, repr=False)
    network: Network = NetworkCode.NONE
    rules: Rules = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReply(_CardReply):
    """0210 / 310000."""

    MTI: ClassVar[str] = "0210"

    processing_code: Processing = field(default=ProcessingCode.QUOTE, init=False)
    transaction_type: Type = field(default=TransactionType.ENQUIRY, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReply(_CardReply):
    """0210 / 010000; `reference` and `authorisation` are there when it approves."""

    MTI: ClassVar[str] = "0210"

    processing_code: Processing = field(default=ProcessingCode.CASH, init=False)
    transaction_type: Type = field(default=TransactionType.CASH, init=False)
    amount: Amount
    authorisation: Authorisation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReply(_CardReply):
    """0210 / 400000; `payee` is the account that was paid, masked. What it approves is paid: no confirm follows."""

    MTI: ClassVar[str] = "0210"

    processing_code: Processing = field(default=ProcessingCode.TRANSFER, init=False)
    transaction_type: Type = field(default=TransactionType.TRANSFER, init=False)
    amount: Amount
    authorisation: Authorisation | None = None
    payee: Payee | None = None


# --- Advices, with a MAC


@dataclass(frozen=True, slots=True, kw_only=True)
class _Advice(TypedMessage):
    """What a confirm and a reversal carry."""

    pan: Pan = field(repr=False)
    processing_code: Processing = ProcessingCode.CASH
    amount: Amount
    entry_mode: EntryMode = "051"
    pan_sequence: PanSequence | None = None
    condition: Condition = "00"
    units: UnitResults = ()
    currency: Currency = "156"
    chip_data: ChipData | None = field(default=None, repr=False)
    transaction_type: Type = TransactionType.CASH
    network: Network = NetworkCode.NONE
    original: OriginalData
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(_Advice):
    """0220: `amount` fen were really paid, anything from nothing to what is held."""

    MTI: ClassVar[str] = "0220"

    reference: Reference
    authorisation: Authorisation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(_Advice):
    """0400: give back the held `amount`; `stan` is that of the original, `cause` a `ReversalCause`."""

    MTI: ClassVar[str] = "0400"

    reference: Reference | None = None
    authorisation: Authorisation | None = None
    cause: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class _AdviceReply(_Answer):
    """What the replies to advices carry."""

    processing_code: Processing = ProcessingCode.CASH
    amount: Amount
    reference: Reference | None = None
    transaction_type: Type = TransactionType.CASH
    network: Network = NetworkCode.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReply(_AdviceReply):
    """0230."""

    MTI: ClassVar[str] = "0230"

    pan: Pan | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalReply(_AdviceReply):
    """0410."""

    MTI: ClassVar[str] = "0410"


# --- The end of a batch, with a MAC


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRequest(TypedMessage):
    """0500: what the terminal counted in its batch."""

    MTI: ClassVar[str] = "0500"

    settlement: SettlementData
    currency: Currency = "156"
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = field(default=NetworkCode.SETTLEMENT, init=False)
    operator: Operator = "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReply(_Answer):
    """0510: the totals again, with what the host found; none in a refusal."""

    MTI: ClassVar[str] = "0510"

    settlement: SettlementData | None = None
    reference: Reference | None = None
    currency: Currency = "156"
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = field(default=NetworkCode.SETTLEMENT, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord(TypedMessage):
    """0320 / 010000 or 400000: one payout of a batch that did not balance; `amount` fen were paid."""

    MTI: ClassVar[str] = "0320"

    processing_code: Processing = ProcessingCode.CASH
    amount: Amount
    reference: Reference | None = None
    authorisation: Authorisation | None = None
    currency: Currency = "156"
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = field(default=NetworkCode.SETTLEMENT, init=False)
    original: OriginalData


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecordReply(_Answer):
    """0330 / 010000 or 400000."""

    MTI: ClassVar[str] = "0330"

    processing_code: Processing = ProcessingCode.CASH
    amount: Amount
    reference: Reference | None = None
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = field(default=NetworkCode.SETTLEMENT, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEnd(TypedMessage):
    """0320 without a processing code: `records` were uploaded, and the batch is closed."""

    MTI: ClassVar[str] = "0320"

    records: RecordCount
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.UPLOAD_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEndReply(_Answer):
    """0330 without a processing code."""

    MTI: ClassVar[str] = "0330"

    records: RecordCount | None = None
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.UPLOAD_ENDED


MoneyMessage: TypeAlias = (
    SignOn
    | SignOnReply
    | NetworkManagement
    | NetworkManagementReply
    | QuoteRequest
    | QuoteReply
    | CashRequest
    | CashReply
    | TransferRequest
    | TransferReply
    | Confirm
    | ConfirmReply
    | Reversal
    | ReversalReply
    | SettlementRequest
    | SettlementReply
    | BatchRecord
    | BatchRecordReply
    | BatchEnd
    | BatchEndReply
)

_BY_TYPE: Final[Mapping[tuple[str, str], type[MoneyMessage]]] = {
    ("0800", ""): SignOn,
    ("0810", ""): SignOnReply,
    ("0820", ""): NetworkManagement,
    ("0830", ""): NetworkManagementReply,
    ("0200", ProcessingCode.QUOTE): QuoteRequest,
    ("0210", ProcessingCode.QUOTE): QuoteReply,
    ("0200", ProcessingCode.CASH): CashRequest,
    ("0210", ProcessingCode.CASH): CashReply,
    ("0220", ProcessingCode.CASH): Confirm,
    ("0230", ProcessingCode.CASH): ConfirmReply,
    ("0400", ProcessingCode.CASH): Reversal,
    ("0410", ProcessingCode.CASH): ReversalReply,
    ("0200", ProcessingCode.TRANSFER): TransferRequest,
    ("0210", ProcessingCode.TRANSFER): TransferReply,
    ("0400", ProcessingCode.TRANSFER): Reversal,
    ("0410", ProcessingCode.TRANSFER): ReversalReply,
    ("0500", ""): SettlementRequest,
    ("0510", ""): SettlementReply,
    ("0320", ProcessingCode.CASH): BatchRecord,
    ("0330", ProcessingCode.CASH): BatchRecordReply,
    ("0320", ProcessingCode.TRANSFER): BatchRecord,
    ("0330", ProcessingCode.TRANSFER): BatchRecordReply,
    ("0320", ""): BatchEnd,
    ("0330", ""): BatchEndReply,
}


def message_class(message: Message) -> type[MoneyMessage] | None:
    """Which of our messages this is, by message type and processing code; None when the profile has no such message."""
    processing = message.fields.get(3, "")
    return _BY_TYPE.get((message.mti, str(processing)))


def parse(message: Message) -> MoneyMessage:
    """The typed message. Raises RemoteProtocolError when the profile has no such message, or it is incomplete."""
    cls = message_class(message)
    if cls is None:
        raise RemoteProtocolError(f"the profile has no {message.mti} with this processing code")
    return cls.from_message(message)


def masked_pan(pan: str) -> str:
    """First six and last four digits."""
    return f"{pan[:6]}{'*' * (len(pan) - 10)}{pan[-4:]}" if len(pan) > 12 and is_digits(pan) else "*" * len(pan)
