"""The envelope of the service line: what every request and every answer carries around its body.

Field names and sizes are those of the national medical-insurance platform (国家医保信息平台), also where it spells two
fields differently: `mdtrtarea_admvs` has no second d, `insuplc_admdvs` has one. What its public samples leave open is
decided here: `infcode` is an integer, 0 good, -1 refused, -2 malformed, -3 not authenticated.
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from pydantic import BaseModel, BeforeValidator, Field

from protocol.service_line.values import SHANGHAI, Body, Instant, Region, Text, Veiled, example

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)

VERSION = "V1.0"
"""`infver`."""

SIGNED_OUT = "cainfo"
"""The one field that a signature does not cover: itself."""


class InfCode(IntEnum):
    """How a request ended."""

    GOOD = 0
    REFUSED = -1  # understood and not done; `output` lists every reason
    MALFORMED = -2
    NOT_AUTHENTICATED = -3  # sign on (again)


class OperatorType(StrEnum):
    """`opter_type`: at what kind of channel the caller is."""

    CLERK = "1"
    TERMINAL = "2"
    MOBILE = "3"


class SignType(StrEnum):
    """`signtype`: how `cainfo` is made, an HMAC under the channel's key."""

    SM3 = "SM3"
    SHA256 = "SHA256"


MessageId = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z]{12}[0-9]{18}$")]
"""Institution code 12, yyyyMMddHHmmss, serial 4. With the caller it names a request once and for all."""

SignNo = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Za-z]{30}$")]
"""What 9001 gave; whoever has it is the caller, so it is shown nowhere."""

Milliseconds = Annotated[str, Field(strict=True, pattern=r"^[0-9]{17}$")]
"""yyyyMMddHHmmssSSS in Shanghai."""


def _whole(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("infcode is an integer")
    return value


class Request(Veiled, Generic[INPUT]):
    """A request. Optional fields are the platform's; the authority keeps none of them but for `opter`."""

    infno: Annotated[str, Field(strict=True, pattern=r"^[0-9]{4}$", description="number of the interface")]
    msgid: Annotated[MessageId, Field(description="institution code 12 + yyyyMMddHHmmss + serial 4")]
    mdtrtarea_admvs: Annotated[Region, Field(description="region of treatment: where the channel is")]
    insuplc_admdvs: Annotated[Region | None, Field(description="home region, where it is known")] = None
    recer_sys_code: Annotated[Text, Field(min_length=1, max_length=10)] = "MEDTELLER"
    dev_no: Annotated[Text | None, Field(max_length=100, description="device number: a terminal's own id")] = None
    dev_safe_info: Annotated[Text | None, Field(max_length=2000)] = None
    cainfo: Annotated[
        Text | None, Field(max_length=1024, description="signature over all other fields, hexadecimal")
    ] = None
    signtype: SignType | None = None
    infver: Literal["V1.0"] = "V1.0"
    opter_type: OperatorType
    opter: Annotated[Text, Field(min_length=1, max_length=30, description="operator: a terminal's or staff's id")]
    opter_name: Annotated[Text, Field(max_length=50)] = ""
    inf_time: Instant
    fixmedins_code: Annotated[
        str | None, Field(strict=True, pattern=r"^[A-Z][0-9]{11}$", description="designated institution")
    ] = None
    fixmedins_name: Annotated[Text | None, Field(max_length=200)] = None
    sign_no: Annotated[SignNo | None, Field(description="from 9001; a number that is open to all needs none")] = None
    input: INPUT


class Reason(Body):
    """Why something was refused, one entry for each reason: `text` and `text_en` for the person, `key` for programs."""

    model_config = example(
        key="single_limit",
        region="371000",
        version="2026.1",
        value="200000",
        text="超过单次限额",
        text_en="Above the limit for one withdrawal.",
    )

    key: Text
    field: Annotated[Text | None, Field(description="the field of `input` that is missing or wrong")] = None
    region: Annotated[Region | None, Field(description="the region whose rule it is")] = None
    version: Annotated[Text | None, Field(description="of that region's policy")] = None
    basis: Annotated[Text | None, Field(description="the rule's legal basis")] = None
    value: Annotated[Text | None, Field(description="what would be allowed; amounts in fen")] = None
    text: Annotated[Text, Field(description="Chinese")]
    text_en: Annotated[Text | None, Field(description="the same in English")] = None


class Refusal(Body):
    """All reasons at once."""

    reasons: tuple[Reason, ...]


class _AnswerEnvelope(Veiled):
    inf_refmsgid: Annotated[
        str, Field(strict=True, pattern=r"^[0-9]{30}$", description="region 6 + yyyyMMddHHmmss + serial 10")
    ]
    refmsg_time: Annotated[Milliseconds, Field(description="when the request came")]
    respond_time: Annotated[Milliseconds, Field(description="when it was answered")]
    err_msg: Annotated[Text, Field(max_length=200, description="Chinese, for the person at the channel")] = ""


class Answer(_AnswerEnvelope, Generic[OUTPUT]):
    """It was done."""

    infcode: Annotated[Literal[0], BeforeValidator(_whole)] = 0
    output: OUTPUT


class RefusedAnswer(_AnswerEnvelope):
    """It was understood and not done; nothing changed."""

    infcode: Annotated[Literal[-1], BeforeValidator(_whole)] = -1
    output: Refusal


class FaultAnswer(_AnswerEnvelope):
    """It was not understood (-2), or who asks is not known (-3); nothing changed."""

    infcode: Annotated[Literal[-2, -3], BeforeValidator(_whole)]
    output: Refusal


def message_id(institution: str, at: datetime, serial: int) -> str:
    """`msgid` of a request. Raises ValueError for an institution that has not 12 characters, or a serial over 9999."""
    found = f"{institution}{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}{serial:04d}"
    if not re.fullmatch(r"[0-9A-Z]{12}[0-9]{18}", found, re.ASCII):
        raise ValueError("msgid is an institution code of 12 characters, a time, and a serial of 4 digits")
    return found


def answer_id(region: str, at: datetime, serial: int) -> str:
    """`inf_refmsgid` of an answer."""
    return f"{region}{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}{serial % 10**10:010d}"


def milliseconds(at: datetime) -> str:
    """yyyyMMddHHmmssSSS."""
    return f"{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"


def canonical(envelope: Mapping[str, object]) -> bytes:
    """What is signed: the envelope without `cainfo`, keys sorted, no blanks, UTF-8 (as RFC 8785 writes it)."""
    signed = {name: value for name, value in envelope.items() if name != SIGNED_OUT}
    return json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature(key: bytes, sign_type: SignType, envelope: Mapping[str, object]) -> str:
    """`cainfo`: the HMAC over `canonical(envelope)`, upper-case hexadecimal."""
    data = canonical(envelope)
    if sign_type is SignType.SHA256:
        return hmac.digest(key, data, "sha256").hex().upper()
    made = HMAC(key, SM3())
    made.update(data)
    return made.finalize().hex().upper()


def signature_is_right(key: bytes, envelope: Mapping[str, object]) -> bool:
    """Is the envelope signed with `key`? False for one without a signature."""
    given, sign_type = envelope.get("cainfo"), envelope.get("signtype")
    if not isinstance(given, str) or sign_type not in tuple(SignType):
        return False
    return hmac.compare_digest(signature(key, SignType(str(sign_type)), envelope).encode(), given.encode())


def dump(message: BaseModel) -> dict[str, object]:
    """A request or answer as the object that goes over the wire; what is not given is left out."""
    return message.model_dump(mode="json", exclude_none=True)
