"""8501 to 8506: what reviewers have to decide, and their decisions; appeals."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.applications import ApplicationNumber, HistoryEvent, MissingDocument
from protocol.service_line.service import REVIEWERS, Caller, Service
from protocol.service_line.values import Body, Count, Day, Fen, Instant, Limit, Region, Text, Yes, example

FAMILY = "review"

Key = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9_.]{1,64}$")]


class QueueInput(Body):
    """What waits for a reviewer of the home region: overdue first, then by deadline."""

    model_config = example(limit=50)

    limit: Limit = 50


class Waiting(Body):
    """An application that waits."""

    number: ApplicationNumber
    state: Text
    lane: Annotated[Text, Field(description="standard, or emergency")]
    purpose: Text
    place: Region
    asked_fen: Fen
    submitted: Instant
    due: Instant | None = None
    overdue: Yes
    four_eyes: Yes
    complete: Annotated[Yes, Field(description="every required document is there")]


class QueueOutput(Body):
    """By urgency."""

    model_config = example(
        waiting=[
            {
                "number": "13710002605200000017",
                "state": "submitted",
                "lane": "standard",
                "purpose": "TREATMENT_AWAY",
                "place": "440300",
                "asked_fen": 300000,
                "submitted": "2026-05-20 10:00:00",
                "due": "2026-05-22 18:00:00",
                "overdue": False,
                "four_eyes": False,
                "complete": True,
            }
        ]
    )

    waiting: tuple[Waiting, ...]


class CaseInput(Body):
    """Take an application up, and see it. Who looked, and when, is kept."""

    model_config = example(number="13710002605200000017")

    number: ApplicationNumber


class RuleOutcome(Body):
    """How one rule came out when the application was last weighed."""

    rule: Text
    region: Region
    version: Text
    basis: Text
    outcome: Text
    value: Text


class DocumentShown(Body):
    """A document on file; 9102 shows it."""

    document: Count
    kind: Text
    media_type: Text
    issued_on: Day | None = None
    valid_until: Day | None = None


class CaseOutput(Body):
    """An application as its reviewer sees it; name and numbers are masked."""

    model_config = example(
        number="13710002605200000017",
        state="under_review",
        person="测**",
        certno="3101**********0018",
        reason="异地就医",
        purpose="TREATMENT_AWAY",
        place="440300",
        asked_fen=300000,
        four_eyes=False,
        step_up="none",
        documents=[],
        rules=[],
        history=[],
    )

    number: ApplicationNumber
    state: Text
    person: Text
    certno: Text
    reason: Text
    hospital: Text | None = None
    purpose: Text
    detail: Text | None = None
    place: Region
    asked_fen: Fen
    payee_account: Text | None = None
    four_eyes: Yes
    step_up: Annotated[Text, Field(description="none, required or passed: a further look at the person")]
    due: Instant | None = None
    documents: tuple[DocumentShown, ...]
    missing_documents: tuple[MissingDocument, ...] = ()
    rules: tuple[RuleOutcome, ...]
    history: tuple[HistoryEvent, ...]


class Decision(StrEnum):
    """What a reviewer says."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    RETURN = "RETURN"  # for errors that the person can mend


class Finding(Body):
    """A reason for a rejection, or an error to be mended, which the person is told in words.

    `field` is a field of the form, or `document.` and its kind; `key` is what is wrong with it: missing, length,
    check_digit, unknown or not_of_person; of a document missing, unreadable, damaged or expired; not_plausible of
    reason and amount_fen, not_found of hospital.
    """

    field: Key
    key: Key


class DecideInput(Body):
    """With APPROVE the sum, all that is asked without it; else at least one finding."""

    model_config = example(number="13710002605200000017", decision="APPROVE", approved_fen=300000)

    number: ApplicationNumber
    decision: Decision
    approved_fen: Fen | None = None
    findings: tuple[Finding, ...] = ()


class DecideOutput(Body):
    """Where the application stands now; with four eyes the first approval leaves it under review."""

    model_config = example(
        number="13710002605200000017", state="approved", approved_fen=300000, valid_until="2026-08-18"
    )

    number: ApplicationNumber
    state: Text
    approved_fen: Fen | None = None
    valid_until: Day | None = None


class IdentityInput(Body):
    """A further look at the person, where the application needs one."""

    model_config = example(number="13710002605200000017", method="call_back", passed=True)

    number: ApplicationNumber
    method: Key
    passed: Yes


class AppealsOutput(Body):
    """Appeals that wait for a reviewer who did not decide before."""

    model_config = example(
        appeals=[
            {
                "number": "23710002605200000011",
                "subject": "application:13710002605200000017",
                "state": "open",
                "grounds": "材料已齐全",
                "filed": "2026-05-20 10:00:00",
                "due": "2026-06-03 18:00:00",
            }
        ]
    )

    class Shown(Body):
        """One appeal."""

        number: ApplicationNumber
        subject: Text
        state: Text
        grounds: Text
        filed: Instant
        due: Instant

    appeals: tuple[Shown, ...]


class AppealAction(StrEnum):
    """What a reviewer does about an appeal."""

    TAKE = "TAKE"
    UPHOLD = "UPHOLD"
    DISMISS = "DISMISS"


class Outcome(StrEnum):
    """Why an appeal is answered so; the person is told it in words."""

    NEW_REVIEW = "new_review"
    DOCUMENTS_COMPLETE = "documents_complete"
    FACTS_DIFFER = "facts_differ"
    RULE_HOLDS = "rule_holds"


class AppealDecisionInput(Body):
    """Take an appeal in hand, or answer it: then `outcome` says why."""

    model_config = example(number="23710002605200000011", action="UPHOLD", outcome="documents_complete")

    number: ApplicationNumber
    action: AppealAction
    outcome: Outcome | None = None


class AppealDecisionOutput(Body):
    """Where the appeal stands now."""

    model_config = example(number="23710002605200000011", state="upheld")

    number: ApplicationNumber
    state: Text


QUEUE = Service("8501", FAMILY, "待审列表", "applications that wait", REVIEWERS, QueueInput, QueueOutput, writes=False)
CASE = Service("8502", FAMILY, "受理审核", "take up an application", REVIEWERS, CaseInput, CaseOutput, writes=True)
DECIDE = Service("8503", FAMILY, "审核决定", "decide an application", REVIEWERS, DecideInput, DecideOutput, writes=True)
IDENTITY = Service(
    "8504",
    FAMILY,
    "身份复核",
    "a further look at the person",
    frozenset({Caller.REVIEWER, Caller.TELLER}),
    IdentityInput,
    DecideOutput,
    writes=True,
)
APPEALS = Service("8505", FAMILY, "申诉列表", "appeals that wait", REVIEWERS, QueueInput, AppealsOutput, writes=False)
DECIDE_APPEAL = Service(
    "8506", FAMILY, "申诉处理", "decide an appeal", REVIEWERS, AppealDecisionInput, AppealDecisionOutput, writes=True
)
