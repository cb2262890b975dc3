"""The money line: ISO 8583 between terminal and host, in UnionPay-style framing. Profile "medteller money line 1".

The profile follows conventions seen between terminals and acquiring front-ends; it is not a specification of any
network. Every 02xx, 03xx, 04xx and 05xx message and its reply carries a MAC in field 64. A terminal keys every exchange
by (41, batch, 11, 13). Amounts are fen.

    sign-on 0800/0810   echo, sign-off 0820/0830   quote 0200/0210 310000   cash 0200/0210 010000 (holds)
    transfer to the person's own account 0200/0210 400000 (holds and pays)
    confirm 0220/0230 (the amount really paid)     reversal 0400/0410 (gives the hold back)
    the same reversal as 0420/0430, with field 90 for field 61 where a terminal likes
    settlement 0500/0510 (totals of the batch)     batch upload 0320/0330 (each payout, where totals differ)

Two profiles differ in keys only. TDES (sign-on 003): MAC X9.19 or UnionPay ECB, PIN block ISO-0 in field 52. SM4
(sign-on 013): the MAC is the leftmost 8 bytes of the SM4 CBC-MAC with zero padding; the PIN block has 16 bytes (ISO-0
stretched: `0 length PIN F...` xor ten zero bytes and PAN12, SM4 ECB) and stands in field 59, because field 52 has 8
bytes in every profile; field 53 begins with 23; check values are the first 4 bytes of 16 enciphered zero bytes.

This module is the door: frames and fields (`Message`, `encode`, `decoder`), typed messages (`CashRequest`, ...,
`parse`), MACs (`mac_input`, `with_mac`), reply codes (`ResponseCode`), and the `MONEY_LINE` wire format for traces.
"""

from protocol.money_line_advices import Confirm, ConfirmReply, Reversal, ReversalReply
from protocol.money_line_codes import (
    ADVICE_ENDING_CODES,
    ResponseCode,
    ReversalCause,
    Treatment,
    response_code,
    treatment_of,
)
from protocol.money_line_fields import (
    FIELDS,
    AmountType,
    BindingRule,
    JournalAnchor,
    NetworkCode,
    Original,
    ProcessingCode,
    Settlement,
    SettlementResult,
    Totals,
    TransactionType,
    UnitResult,
    WorkingKeys,
    is_secret,
)
from protocol.money_line_frame import (
    Header,
    Message,
    ProcessingRequest,
    Tpdu,
    decode,
    decoder,
    encode,
    field_slices,
    is_authenticated,
    mac_input,
    reply_mti,
    scan,
    with_mac,
)
from protocol.money_line_messages import MoneyMessage, masked_pan, message_class, parse
from protocol.money_line_network import NetworkManagement, NetworkManagementReply, SignOn, SignOnReply
from protocol.money_line_requests import (
    SECURITY_SM4,
    SECURITY_TDES,
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
from protocol.money_line_typed import TypedMessage
from protocol.wire import Damaged, Explanation, Noise, WireFormat

__all__ = [
    "ADVICE_ENDING_CODES",
    "FIELDS",
    "MONEY_LINE",
    "SECURITY_SM4",
    "SECURITY_TDES",
    "AmountType",
    "BatchEnd",
    "BatchEndReply",
    "BatchRecord",
    "BatchRecordReply",
    "BindingRule",
    "CashReply",
    "CashRequest",
    "Confirm",
    "ConfirmReply",
    "Header",
    "JournalAnchor",
    "Message",
    "MoneyMessage",
    "NetworkCode",
    "NetworkManagement",
    "NetworkManagementReply",
    "Original",
    "ProcessingCode",
    "ProcessingRequest",
    "QuoteReply",
    "QuoteRequest",
    "ResponseCode",
    "Reversal",
    "ReversalCause",
    "ReversalReply",
    "Settlement",
    "SettlementReply",
    "SettlementRequest",
    "SettlementResult",
    "SignOn",
    "SignOnReply",
    "Totals",
    "Tpdu",
    "TransactionType",
    "TransferReply",
    "TransferRequest",
    "Treatment",
    "TypedMessage",
    "UnitResult",
    "WorkingKeys",
    "decode",
    "decoder",
    "encode",
    "explain",
    "field_slices",
    "is_authenticated",
    "mac_input",
    "masked_pan",
    "message_class",
    "parse",
    "reply_mti",
    "response_code",
    "scan",
    "treatment_of",
    "with_mac",
]


def explain(event: Message | Noise | Damaged) -> Explanation:
    """One event in words; card numbers masked, tracks, PIN blocks, chip data and keys neither shown nor left in hex."""
    match event:
        case Message():
            cls = message_class(event)
            name = cls.__name__ if cls else "unknown message"
            shown = " ".join(f"{number}={_shown(number, value)}" for number, value in event.fields.items())
            slices = field_slices(event.raw) if event.raw else {}
            secrets = tuple(where for number, where in slices.items() if is_secret(number))
            return Explanation(f"{event.mti} {name} {shown}", secrets)
        case Damaged(raw, reason):
            return Explanation(f"damaged: {reason}", (slice(0, len(raw)),))
        case Noise(raw, reason):
            return Explanation(f"noise: {reason}", (slice(0, len(raw)),))


def _shown(number: int, value: str | bytes) -> str:
    if isinstance(value, bytes):
        return f"({len(value)} bytes)" if is_secret(number) else value.hex().upper()
    if number == 2:
        return masked_pan(value)
    if is_secret(number):
        return f"({len(value)} digits)"
    if number == 4:
        return f"{int(value) // 100}.{int(value) % 100:02d}" if value else ""
    if number == 39:
        return f"{value} ({_meaning(value)})"
    return value.rstrip(" ")


def _meaning(code: str) -> str:
    if known := response_code(code):
        return known.en
    return next((cause.name.lower() for cause in ReversalCause if cause == code), "not in our table")


MONEY_LINE = WireFormat("money line", decoder, decoder, explain)
