"""8201 to 8206: hand in invoices, settle a case, put its day off, pay back, cancel invoices, and see what is due."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from protocol.service_line.people import PersonInput
from protocol.service_line.policy import PurposeDetail
from protocol.service_line.service import PERSONS, REVIEWERS, TELLERS, Service
from protocol.service_line.values import Body, Day, Fen, PositiveFen, Region, Text, Yes, example

FAMILY = "invoices"

CaseNumber = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z-]{1,20}$")]
InvoiceNumber = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z]{1,32}$")]


class InvoiceInput(PersonInput):
    """One invoice for a settlement case."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        case="S3710000520000012",
        invoice="04400260011223344556",
        issued_on="2026-05-21",
        amount_fen=32000,
        detail="DRUGS",
        payer_name="测试甲",
        institution="深圳市测试医院",
        third_party=False,
    )

    case: CaseNumber
    invoice: Annotated[InvoiceNumber, Field(description="its number; one number counts once, whoever hands it in")]
    issued_on: Day
    amount_fen: Fen
    reimbursed_fen: Annotated[Fen, Field(description="what the pooled fund has paid of it already")] = 0
    detail: PurposeDetail
    payer_name: Annotated[Text, Field(min_length=1, max_length=60)]
    institution: Annotated[Text, Field(min_length=1, max_length=100)]
    region: Annotated[Region | None, Field(description="where it was issued; without it mdtrtarea_admvs")] = None
    third_party: Annotated[Yes, Field(description="somebody else is liable or has paid; must be declared")]
    third_party_fen: Annotated[Fen, Field(description="what somebody else pays of it; 0 with true: not known yet")] = 0


_CASE: dict[str, JsonValue] = {
    "case": "S3710000520000012",
    "state": "open",
    "state_text": "待提交发票",
    "state_text_en": "waits for invoices",
    "opened": "2026-05-20",
    "due": "2026-07-19",
    "paid_out_fen": 50000,
    "proven_fen": 32000,
}


class CaseShown(Body):
    """A settlement case: one for each payout."""

    model_config = example(**_CASE)

    case: CaseNumber
    state: Text
    state_text: Text
    state_text_en: Text
    opened: Day
    due: Day
    paid_out_fen: Fen
    proven_fen: Annotated[Fen, Field(description="covered by invoices that were accepted")]
    to_recover_fen: Fen = 0
    reference: Text | None = None


class InvoiceOutput(Body):
    """The case with this invoice."""

    model_config = example(case=_CASE)

    case: CaseShown


class CasesInput(PersonInput):
    """All cases of the person, open ones first."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017")


class CasesOutput(Body):
    """Open ones first."""

    model_config = example(cases=[_CASE])

    cases: tuple[CaseShown, ...]


class Settlement(StrEnum):
    """How a case ends."""

    PAY_DIFFERENCE = "pay_difference"
    NOTHING = "nothing"
    RECOVER = "recover"


class SettleInput(Body):
    """A reviewer settles a case on what was handed in."""

    model_config = example(case="S3710000520000012")

    case: CaseNumber


class SettleOutput(Body):
    """The advance is netted once."""

    model_config = example(
        case=_CASE,
        result="recover",
        reimbursable_fen=0,
        self_paid_fen=32000,
        advanced_fen=50000,
        difference_fen=18000,
        text="预支款超出自付费用180.00元,请退回",
        text_en="You had drawn 180.00 yuan more than you paid; please pay them back.",
    )

    case: CaseShown
    result: Settlement
    reimbursable_fen: Fen
    self_paid_fen: Fen
    advanced_fen: Fen
    difference_fen: Fen
    text: Text
    text_en: Text


class ExtendInput(Body):
    """Why the invoices come later: sickness, a stay in hospital that goes on."""

    model_config = example(case="S3710000520000012", reason="仍在住院治疗")

    case: CaseNumber
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class CaseOutput(Body):
    """The case now."""

    model_config = example(case=_CASE)

    case: CaseShown


class RepayInput(PersonInput):
    """A counter has taken money back from the person whose case it is."""

    model_config = example(
        mdtrt_cert_type="02", mdtrt_cert_no="310101198001010018", case="S3710000520000012", fen=18000
    )

    case: CaseNumber
    fen: PositiveFen


class CancelInput(Body):
    """A red invoice took this one back, or it was found false."""

    model_config = example(invoice="04400260011223344556", reason="红字发票冲销")

    invoice: InvoiceNumber
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


class CancelOutput(Body):
    """The cases that it had counted in; a settled one is open again."""

    model_config = example(cases=[_CASE])

    cases: tuple[CaseShown, ...]


INVOICE = Service("8201", FAMILY, "提交发票", "hand in an invoice", PERSONS, InvoiceInput, InvoiceOutput, writes=True)
SETTLE = Service("8202", FAMILY, "费用结算", "settle a case", REVIEWERS, SettleInput, SettleOutput, writes=True)
CASES = Service("8203", FAMILY, "结算案件", "settlement cases", PERSONS, CasesInput, CasesOutput, writes=False)
EXTEND = Service(
    "8204",
    FAMILY,
    "结算延期",
    "put a case's due date off",
    REVIEWERS,
    ExtendInput,
    CaseOutput,
    writes=True,
    about="As often and as long as the home policy says; dunning begins anew.",
)
REPAY = Service(
    "8205",
    FAMILY,
    "退回预支款",
    "pay back what a case asks for",
    TELLERS,
    RepayInput,
    CaseOutput,
    writes=True,
    about="In parts or at once, at any counter; it stands on the personal account again.",
)
CANCEL = Service(
    "8206",
    FAMILY,
    "发票冲红",
    "cancel an invoice",
    REVIEWERS,
    CancelInput,
    CancelOutput,
    writes=True,
    about="The number stays used; settled cases are open again.",
)
