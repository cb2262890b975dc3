"""The end of a batch, with a MAC: totals, and the upload of every payout where they differ."""

from dataclasses import dataclass, field
from typing import ClassVar

from protocol.money_line_elements import (
    Amount,
    Authorisation,
    Currency,
    Network,
    Operator,
    OriginalData,
    Processing,
    RecordCount,
    Reference,
    SettlementData,
    Type,
)
from protocol.money_line_fields import NetworkCode, ProcessingCode, TransactionType
from protocol.money_line_typed import Answer, TypedMessage


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
class SettlementReply(Answer):
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
class BatchRecordReply(Answer):
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
class BatchEndReply(Answer):
    """0330 without a processing code."""

    MTI: ClassVar[str] = "0330"

    records: RecordCount | None = None
    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.UPLOAD_ENDED
