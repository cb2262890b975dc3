"""9001 and 9002: sign-on and sign-off of terminals, staff and persons."""

from typing import Annotated

from pydantic import Field

from protocol.service_line.envelope import SignNo
from protocol.service_line.service import ANYBODY, Caller, Service
from protocol.service_line.values import Body, Instant, Text, example

FAMILY = "sessions"


class SignOnInput(Body):
    """The platform's fields, and by what staff and persons prove who they are; a terminal signs (`cainfo`)."""

    model_config = example(opter_no="K3710001", mac="02:00:00:00:00:01", ip="192.0.2.10")

    opter_no: Annotated[Text, Field(min_length=1, max_length=30, description="as `opter` of the envelope")]
    mac: Annotated[Text, Field(max_length=20, description="network address of the device")] = ""
    ip: Annotated[Text, Field(max_length=39)] = ""
    password: Annotated[Text | None, Field(min_length=1, max_length=128)] = None
    second_factor: Annotated[
        str | None, Field(strict=True, pattern=r"^[0-9]{6}$", description="code sent to the phone")
    ] = None


class SignOnRecord(Body):
    """The platform's `signinoutb`."""

    model_config = example(
        sign_time="2026-05-20 10:00:00",
        sign_no="370000202605201000000000000001",
        caller="terminal",
        expires="2026-05-20 22:00:00",
    )

    sign_time: Instant
    sign_no: SignNo
    caller: Annotated[Caller, Field(description="in what role the sign-on counts")]
    expires: Annotated[Instant, Field(description="unless it is idle for too long before")]


class SignOnOutput(Body):
    """Send `sign_no` with every further request."""

    model_config = example(
        signinoutb={
            "sign_time": "2026-05-20 10:00:00",
            "sign_no": "370000202605201000000000000001",
            "caller": "terminal",
            "expires": "2026-05-20 22:00:00",
        }
    )

    signinoutb: SignOnRecord


class SignOffInput(Body):
    """The platform's fields."""

    model_config = example(sign_no="370000202605201000000000000001", opter_no="K3710001")

    sign_no: SignNo
    opter_no: Annotated[Text, Field(min_length=1, max_length=30)]


class SignOffRecord(Body):
    """The platform's `signinoutb`."""

    sign_time: Instant


class SignOffOutput(Body):
    """The sign-on is over."""

    model_config = example(signinoutb={"sign_time": "2026-05-20 18:00:00"})

    signinoutb: SignOffRecord


SIGN_ON = Service(
    "9001",
    FAMILY,
    "签到",
    "sign on",
    ANYBODY,
    SignOnInput,
    SignOnOutput,
    writes=False,
    about="A terminal signs the envelope with its channel key. Staff and persons give a password, persons also the "
    "code that was sent to their phone. After too many failures the account is locked for a while.",
)
SIGN_OFF = Service(
    "9002",
    FAMILY,
    "签退",
    "sign off",
    ANYBODY - {Caller.ANYBODY},
    SignOffInput,
    SignOffOutput,
    writes=False,
)


class RegisterInput(Body):
    """Ask for a code (without `code`), then open the account with it. Only at an official app or site (`dev_no`)."""

    model_config = example(
        certno="310101198001010018",
        name="测试甲",
        phone="13800005678",
        code="123456",
        login="ceshijia",
        password="correct horse",  # noqa: S106
    )

    certno: Annotated[Text, Field(min_length=1, max_length=30)]
    name: Annotated[Text, Field(min_length=1, max_length=60)]
    phone: Annotated[Text | None, Field(max_length=20, description="must be the registered one")] = None
    code: Annotated[str | None, Field(strict=True, pattern=r"^[0-9]{6}$")] = None
    login: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Za-z._-]{4,30}$")] = None
    password: Annotated[Text | None, Field(min_length=1, max_length=128)] = None


class RegisterOutput(Body):
    """What comes next."""

    model_config = example(code_sent=False, opened=True)

    code_sent: Annotated[bool, Field(strict=True)]
    opened: Annotated[bool, Field(strict=True)]


REGISTER = Service(
    "8305",
    FAMILY,
    "注册线上账户",
    "open an online account",
    ANYBODY,
    RegisterInput,
    RegisterOutput,
    writes=True,
    about="For insured persons, at an official app or site.",
)
