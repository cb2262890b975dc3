"""The service line: JSON over HTTPS between a channel and the authority, in the envelope of the national platform.

    request   {"infno": "8401", "msgid": ..., "opter_type": "2", "opter": ..., "sign_no": ..., "input": {...}}
    answer    {"infcode": 0, "inf_refmsgid": ..., "err_msg": "", "output": {...}}

A request goes to `POST /service/{infno}`. `numbers.SERVICES` is the table of numbers; each family has a module with the
bodies of its numbers. `envelope` has what every request and answer carries, the error codes, and the signature of
terminals. The platform has no interface for withdrawals: the numbers 81xx to 86xx are this project's own.
"""

from protocol.service_line.envelope import (
    Answer,
    FaultAnswer,
    InfCode,
    OperatorType,
    Reason,
    Refusal,
    RefusedAnswer,
    Request,
    SignType,
    dump,
    message_id,
    signature,
    signature_is_right,
)
from protocol.service_line.numbers import SERVICES
from protocol.service_line.service import Caller, Service
from protocol.service_line.values import Body

__all__ = [
    "SERVICES",
    "Answer",
    "Body",
    "Caller",
    "FaultAnswer",
    "InfCode",
    "OperatorType",
    "Reason",
    "Refusal",
    "RefusedAnswer",
    "Request",
    "Service",
    "SignType",
    "dump",
    "message_id",
    "signature",
    "signature_is_right",
]
