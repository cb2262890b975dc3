"""8101 to 8105: apply, supplement, change or withdraw, status, appeal.

A form field that is missing or wrong does not make a request malformed: it is refused (-1) with every such field named,
and nothing is created.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.people import PersonInput
from protocol.service_line.policy import PayoutMode
from protocol.service_line.service import PERSONS, Service
from protocol.service_line.values import Body, Day, Fen, Instant, Region, Said, Text, Yes, example

FAMILY = "applications"

Word = Annotated[Text, Field(max_length=40)]
Line = Annotated[Text, Field(max_length=200)]
Private = Annotated[Text, Field(max_length=60)]
ApplicationNumber = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z-]{1,20}$")]


class Agent(Body):
    """Somebody who applies for the person (代办)."""

    name: Private | None = None
    certno: Private | None = None
    phone: Private | None = None
    kinship: Word | None = None


class Declaration(Body):
    """The person says that all is true and how the money will be used (承诺书)."""

    version: Word
    accepted: Yes


class Form(Body):
    """The application form. Whoever is known by a PIN or sign-on may leave out name, number and card."""

    name: Private | None = None
    certno: Annotated[Private | None, Field(description="resident ID number")] = None
    card_number: Annotated[Private | None, Field(description="social-security card, 9 characters")] = None
    phone: Private | None = None
    place: Annotated[Word | None, Field(description="region of the treatment, six digits")] = None
    hospital: Line | None = None
    purpose: Annotated[Word | None, Field(description="TREATMENT_AWAY, TREATMENT, EMERGENCY, UNUSUAL or DAILY")] = None
    detail: Annotated[Word | None, Field(description="INPATIENT, SURGERY, DRUGS or OTHER")] = None
    situation: Word | None = None
    reason: Line | None = None
    begins: Annotated[Day | None, Field(description="first day of the treatment, or of admission")] = None
    ends: Day | None = None
    icd10: Annotated[Word | None, Field(description="diagnosis")] = None
    amount_fen: Fen | None = None
    mode: Annotated[PayoutMode | None, Field(description="missing: cash and transfer")] = None
    payee_account: Annotated[Private | None, Field(description="bank account in the person's own name")] = None
    payee_name: Private | None = None
    provider: Annotated[Word | None, Field(description="merchant number of the only bank or platform to be used")] = (
        None
    )
    agent: Agent | None = None
    declaration: Declaration | None = None


class ApplyInput(PersonInput):
    """A new application."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        form={
            "phone": "13800005678",
            "place": "440300",
            "purpose": "TREATMENT_AWAY",
            "detail": "DRUGS",
            "reason": "异地就医",
            "amount_fen": 300000,
            "payee_account": "6230660000000000008",
            "declaration": {"version": "1", "accepted": True},
        },
    )

    form: Form


class MissingDocument(Said):
    """A document that the home region wants for this purpose."""

    kind: Text


class ApplyOutput(Body):
    """It was taken in; where rules alone decide it is decided already."""

    model_config = example(
        number="13710002605200000017", state="approved", approved_fen=300000, valid_until="2026-08-18", warnings=[]
    )

    number: ApplicationNumber
    state: Annotated[Text, Field(description="submitted, under_review, returned, approved, rejected, ...")]
    approved_fen: Fen | None = None
    valid_until: Day | None = None
    decision_due: Annotated[Instant | None, Field(description="by when it will be decided")] = None
    missing_documents: tuple[MissingDocument, ...] = ()
    warnings: Annotated[tuple[Said, ...], Field(description="such as: more than the present balance")] = ()


class SupplementInput(PersonInput):
    """What was called for: fields of the form; documents go with 9101."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        number="13710002605200000017",
        form={"hospital": "深圳市测试医院", "begins": "2026-06-01"},
    )

    number: ApplicationNumber
    form: Form


class ChangeAction(StrEnum):
    """Until the first draw."""

    WITHDRAW = "WITHDRAW"
    CHANGE = "CHANGE"


class ChangeInput(PersonInput):
    """Withdraw an application, or change its form, which begins the review anew."""

    model_config = example(
        mdtrt_cert_type="91", mdtrt_cert_no="614000000017", number="13710002605200000017", action="WITHDRAW"
    )

    number: ApplicationNumber
    action: ChangeAction
    form: Annotated[Form | None, Field(description="with CHANGE: the fields that change")] = None


class StatusInput(PersonInput):
    """One application, or all of the person, newest first."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017")

    number: ApplicationNumber | None = None


class HistoryEvent(Body):
    """Something that happened to an application."""

    at: Instant
    event: Text
    state: Text
    by: Annotated[Text, Field(description="role, never a name")]


class ApplicationShown(Body):
    """An application as its person sees it."""

    number: ApplicationNumber
    state: Text
    state_text: Text
    state_text_en: Text
    purpose: Text
    detail: Text | None = None
    place: Region
    mode: PayoutMode | None = None
    asked_fen: Fen
    approved_fen: Fen | None = None
    remaining_fen: Annotated[Fen | None, Field(description="what may still be drawn, holds deducted")] = None
    submitted: Instant
    decision_due: Instant | None = None
    valid_until: Day | None = None
    payee_account: Annotated[Text | None, Field(description="masked")] = None
    missing_documents: tuple[MissingDocument, ...] = ()
    findings: Annotated[tuple[Said, ...], Field(description="why it was returned or rejected")] = ()
    history: tuple[HistoryEvent, ...] = ()


class StatusOutput(Body):
    """Newest first."""

    model_config = example(
        applications=[
            {
                "number": "13710002605200000017",
                "state": "approved",
                "state_text": "已批准",
                "state_text_en": "approved",
                "purpose": "TREATMENT_AWAY",
                "place": "440300",
                "asked_fen": 300000,
                "approved_fen": 300000,
                "remaining_fen": 250000,
                "submitted": "2026-05-20 10:00:00",
                "valid_until": "2026-08-18",
            }
        ]
    )

    applications: tuple[ApplicationShown, ...]


class AppealInput(PersonInput):
    """An objection to a refusal, recovery or penalty."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        subject="application:13710002605200000017",
        grounds="材料已齐全",
    )

    subject: Annotated[
        str,
        Field(
            strict=True,
            pattern=r"^[a-z_]{1,20}:[0-9A-Z-]{1,20}$",
            description="application, refusal, settlement (a recovery) or case (a penalty), and its number",
        ),
    ]
    grounds: Annotated[Text, Field(min_length=1, max_length=1000)]


class AppealOutput(Body):
    """Somebody else than the first decider will answer by then."""

    model_config = example(number="23710002605200000011", due="2026-06-03 18:00:00")

    number: ApplicationNumber
    due: Instant


APPLY = Service("8101", FAMILY, "取现申请", "apply", PERSONS, ApplyInput, ApplyOutput, writes=True)
SUPPLEMENT = Service(
    "8102", FAMILY, "补充材料", "supplement an application", PERSONS, SupplementInput, ApplyOutput, writes=True
)
CHANGE = Service(
    "8103",
    FAMILY,
    "变更或撤销申请",
    "change or withdraw an application",
    PERSONS,
    ChangeInput,
    ApplyOutput,
    writes=True,
)
STATUS = Service("8104", FAMILY, "申请进度", "status of applications", PERSONS, StatusInput, StatusOutput, writes=False)
APPEAL = Service("8105", FAMILY, "申诉", "appeal", PERSONS, AppealInput, AppealOutput, writes=True)
