"""Advices, with a MAC: the confirm of what was paid, and the reversal of what was not."""

from dataclasses import dataclass, field
from typing import ClassVar

from protocol.money_line_elements import (
    Amount,
    Anchor,
    Authorisation,
    ChipData,
    Condition,
    Currency,
    EntryMode,
    Network,
    OriginalData,
    Pan,
    PanSequence,
    Processing,
    Reference,
    Reply,
    Type,
    UnitResults,
)
from protocol.money_line_fields import NetworkCode, ProcessingCode, TransactionType
from protocol.money_line_typed import Answer, TypedMessage


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
class _AdviceReply(Answer):
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
