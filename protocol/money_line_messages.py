"""All messages of the money line: which class a frame is, by message type and processing code."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from protocol.money_line_advices import Confirm, ConfirmReply, Reversal, ReversalReply
from protocol.money_line_codes import ReversalCause
from protocol.money_line_fields import REVERSAL_ADVICE, ProcessingCode, is_digits
from protocol.money_line_frame import Message
from protocol.money_line_network import NetworkManagement, NetworkManagementReply, SignOn, SignOnReply
from protocol.money_line_requests import (
    CashReply,
    CashRequest,
    QuoteReply,
    QuoteRequest,
    TransferReply,
    TransferRequest,
)
from protocol.money_line_settlement import (
    BatchEnd,
    BatchEndReply,
    BatchRecord,
    BatchRecordReply,
    SettlementReply,
    SettlementRequest,
)
from protocol.wire import RemoteProtocolError

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
    return _BY_TYPE.get(("0400" if message.mti == REVERSAL_ADVICE else message.mti, str(processing)))


def parse(message: Message) -> MoneyMessage:
    """The typed message. Raises RemoteProtocolError when the profile has no such message, or it is incomplete."""
    cls = message_class(message)
    if cls is None:
        raise RemoteProtocolError(f"the profile has no {message.mti} with this processing code")
    return cls.from_message(_as_0400(message) if message.mti == REVERSAL_ADVICE else message)


def _as_0400(advice: Message) -> Message:
    """A 0420 in the words of a 0400.

    Its original stands in field 61, or in field 90: message type 4, trace number 6, MMDDhhmmss 10, acquirer 11,
    forwarder 11; the batch is that of field 60 then.
    """
    fields = {39: ReversalCause.OTHER.value, **advice.fields}
    if 61 not in fields:
        named, own = advice.text(90), advice.text(60)
        fields[61] = own[2:8] + named[4:10] + named[10:14]
    return replace(advice, mti="0400", fields={number: fields[number] for number in fields if number != 90})


def masked_pan(pan: str) -> str:
    """First six and last four digits."""
    return f"{pan[:6]}{'*' * (len(pan) - 10)}{pan[-4:]}" if len(pan) > 12 and is_digits(pan) else "*" * len(pan)
