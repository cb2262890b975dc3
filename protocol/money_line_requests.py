"""Quote, cash and transfer, with a MAC: what a card and a PIN may ask for, and the answers."""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from protocol.money_line_elements import (
    Acquirer,
    Amount,
    Amounts,
    Anchor,
    Authorisation,
    CheckCode,
    ChipData,
    Condition,
    Currency,
    EntryMode,
    Expiry,
    Network,
    Pan,
    PanSequence,
    Payee,
    PinBlock,
    PinBlockSm4,
    PinCapacity,
    PinTriesLeft,
    Processing,
    Reference,
    Rules,
    SecurityControl,
    Track2,
    Type,
)
from protocol.money_line_fields import NetworkCode, ProcessingCode, TransactionType
from protocol.money_line_typed import Answer, TypedMessage

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
class _CardReply(Answer):
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
