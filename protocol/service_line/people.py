"""1101 and 8411 to 8413: a person's basic data in the national form, balance, and history of the account."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.envelope import MessageId, Reason
from protocol.service_line.policy import PayoutMode
from protocol.service_line.service import DECIDERS, PERSONS, TELLERS, Service
from protocol.service_line.values import (
    Body,
    Count,
    Day,
    Fen,
    Instant,
    Limit,
    Reference,
    Region,
    SignedFen,
    Text,
    Yes,
    Yuan,
    example,
)

FAMILY = "people"


class Certificate(StrEnum):
    """`mdtrt_cert_type`: by what a person is known. VISIT is ours: the money line checked a PIN at this terminal."""

    TOKEN = "01"  # noqa: S105  # 电子凭证, the e-credential
    ID_NUMBER = "02"
    CARD = "03"
    VISIT = "91"


class PersonInput(Body):
    """Which person is meant. A person who signed on says nothing; others say by what they know the person.

    A terminal gives VISIT with field 37 of the answer to the quote that took the PIN, so that no number of a card or
    person goes over this line. A teller has read the ID document or the card.
    """

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017")

    mdtrt_cert_type: Certificate | None = None
    mdtrt_cert_no: Annotated[Text | None, Field(min_length=1, max_length=50)] = None
    card_sn: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-F]{32}$", description="卡识别码, with CARD")] = (
        None
    )


class BaseInfo(Body):
    """The platform's `baseinfo`; name and number masked."""

    psn_no: Annotated[Text, Field(max_length=30, description="the person's number at the authority")]
    psn_name: Text
    certno: Text
    gend: Annotated[str, Field(strict=True, pattern="^[12]$", description="1 male, 2 female")]
    brdy: Day
    age: Count


class InsuInfo(Body):
    """The platform's `insuinfo`."""

    balc: Annotated[Yuan, Field(description="balance of the personal account, yuan")]
    insutype: Annotated[Text, Field(description="310 employees, 390 residents")]
    psn_type: Annotated[Text, Field(description="11 active, 12 retired, 13 special retirement, 14 to 16 residents")]
    psn_insu_stas: Annotated[Text, Field(description="0 not insured, 1 insured, 2 paused, 4 ended")]
    psn_insu_date: Day | None = None
    paus_insu_date: Day | None = None
    cvlserv_flag: Annotated[str, Field(strict=True, pattern="^[01]$")] = "0"
    insuplc_admdvs: Region
    emp_name: Text | None = None


class IdetInfo(Body):
    """The platform's `idetinfo`: an identity with rights of its own, such as a group filed for treatment elsewhere."""

    psn_idet_type: Text
    begntime: Day | None = None
    endtime: Day | None = None


class PersonOutput(Body):
    """Basic data of a person (人员基本信息)."""

    model_config = example(
        baseinfo={
            "psn_no": "17",
            "psn_name": "测**",
            "certno": "3101**********0018",
            "gend": "1",
            "brdy": "1980-01-01",
            "age": 46,
        },
        insuinfo=[
            {
                "balc": "10000.00",
                "insutype": "310",
                "psn_type": "11",
                "psn_insu_stas": "1",
                "cvlserv_flag": "0",
                "insuplc_admdvs": "371000",
            }
        ],
        idetinfo=[],
    )

    baseinfo: BaseInfo
    insuinfo: tuple[InsuInfo, ...]
    idetinfo: tuple[IdetInfo, ...] = ()


class BalanceInput(PersonInput):
    """Whose account. `mode`: what is to be drawn; without it cash where there is cash, else a transfer."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017", mode="CASH")

    mode: PayoutMode | None = None
    number: Annotated[
        str | None,
        Field(strict=True, pattern=r"^[0-9A-Z-]{1,20}$", description="online: the application that is meant"),
    ] = None


class BalanceOutput(Body):
    """What the account has, what of it is set aside, and what could be drawn here and now, by the very decision."""

    model_config = example(
        person="测**",
        home="371000",
        balance_fen=1000000,
        held_fen=20000,
        available_fen=970000,
        mode="CASH",
        drawable_fen=200000,
        rest_of_day_fen=480000,
        rest_of_year_fen=980000,
        limited_by=[
            {
                "key": "single_limit",
                "region": "371000",
                "version": "2026.1",
                "value": "200000",
                "text": "超过单次限额",
                "text_en": "Above the limit for one withdrawal.",
            }
        ],
        at="2026-05-20 10:00:00",
    )

    person: Annotated[Text, Field(description="masked name")]
    home: Region
    balance_fen: Fen
    held_fen: Fen
    available_fen: Annotated[Fen, Field(description="balance - holds - minimum remainder; the same in every channel")]
    mode: Annotated[PayoutMode, Field(description="what the next fields are about")]
    drawable_fen: Annotated[Fen, Field(description="the largest sum that would be paid here and now")]
    rest_of_day_fen: Fen | None = None
    rest_of_year_fen: Fen | None = None
    rest_of_application_fen: Annotated[Fen | None, Field(description="missing: no application is drawn on")] = None
    limited_by: Annotated[tuple[Reason, ...], Field(description="what refuses, or what allows no more")] = ()
    at: Instant


class Kind(StrEnum):
    """What moved the account."""

    CONTRIBUTION = "contribution"
    ARREARS = "arrears"
    TRANSFER_IN = "transfer_in"
    INTEREST = "interest"
    OPENING = "opening"
    WITHDRAWAL = "withdrawal"  # cash
    TRANSFER = "transfer"  # to the own bank account
    REVERSAL = "reversal"
    REPAYMENT = "repayment"  # an advance that was paid back
    INHERITANCE = "inheritance"
    SETTLEMENT = "settlement"
    CORRECTION = "correction"


class HistoryInput(PersonInput):
    """Which part of the history, newest first."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017", since="2026-01-01", limit=20)

    since: Day | None = None
    until: Day | None = None
    limit: Limit = 50


class HistoryLine(Body):
    """One movement: positive is a credit; `balance_fen` is what the account had afterwards."""

    at: Instant
    business_date: Day
    kind: Kind
    amount_fen: SignedFen
    balance_fen: SignedFen
    place: Annotated[Region | None, Field(description="where it was drawn")] = None
    mode: Annotated[Text | None, Field(description="CASH or TRANSFER")] = None
    channel: Text | None = None
    purpose: Text | None = None
    reference: Annotated[Reference | None, Field(description="field 37 of the terminal's request")] = None
    omsgid: Annotated[MessageId | None, Field(description="message of 8111 that it was asked for with")] = None


class HistoryOutput(Body):
    """Credits apart from draws, so that a page can show what was paid in."""

    model_config = example(
        lines=[
            {
                "at": "2026-05-20 10:00:00",
                "business_date": "2026-05-20",
                "kind": "withdrawal",
                "amount_fen": -50000,
                "balance_fen": 950000,
                "place": "440300",
                "mode": "CASH",
                "reference": "614000000017",
            }
        ],
        credits_fen=1000000,
        draws_fen=50000,
        more=False,
    )

    lines: tuple[HistoryLine, ...]
    credits_fen: Annotated[Fen, Field(description="sum of the credits in the period")]
    draws_fen: Annotated[Fen, Field(description="sum of what was drawn in the period, less what came back")]
    more: Annotated[bool, Field(strict=True, description="there are older lines")]


class PhoneInput(Body):
    """Who calls: number and name. Without `code` one is sent to the registered phone; with it the balance is told."""

    model_config = example(certno="310101198001010018", name="测试甲", code="123456")

    certno: Annotated[Text, Field(min_length=1, max_length=30)]
    name: Annotated[Text, Field(min_length=1, max_length=60)]
    code: Annotated[str | None, Field(strict=True, pattern=r"^[0-9]{6}$")] = None


class PhoneOutput(Body):
    """What is told to the caller; the call is on record."""

    model_config = example(code_sent=False, person="测**", balance_fen=1000000, held_fen=20000, available_fen=970000)

    code_sent: Yes
    person: Annotated[Text | None, Field(description="masked name")] = None
    balance_fen: Fen | None = None
    held_fen: Fen | None = None
    available_fen: Fen | None = None


PERSON = Service(
    "1101",
    FAMILY,
    "人员基本信息",
    "basic data of a person",
    PERSONS | DECIDERS,
    PersonInput,
    PersonOutput,
    writes=False,
    about="Reviewers and supervisors name people of their region by ID number (02), to learn their `psn_no`.",
)
BALANCE = Service(
    "8411", FAMILY, "余额查询", "balance, holds and available sum", PERSONS, BalanceInput, BalanceOutput, writes=False
)
HISTORY = Service(
    "8412", FAMILY, "账户明细", "history of the account", PERSONS, HistoryInput, HistoryOutput, writes=False
)
BY_PHONE = Service(
    "8413",
    FAMILY,
    "电话查询",
    "balance by phone",
    TELLERS,
    PhoneInput,
    PhoneOutput,
    writes=True,
    about="At a phone channel (12333, 12345, 12393) only.",
)
