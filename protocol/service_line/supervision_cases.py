"""8611 to 8615: what supervisors look into, reports from anybody, and the procedure after a violation."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from protocol.service_line.service import ANYBODY, OVERSEERS, SUPERVISORS, Service
from protocol.service_line.values import (
    Body,
    Count,
    Fen,
    Instant,
    Limit,
    Ordinal,
    PersonNumber,
    Region,
    Text,
    Yes,
    example,
)

FAMILY = "supervision cases"

_CASE: dict[str, JsonValue] = {
    "case": 7,
    "kind": "risk_decline",
    "matter": "legal",
    "subject": "person:17",
    "region": "371000",
    "text": "decline, 120 points",
    "state": "open",
    "owner": "supervisors of 371000",
    "opened": "2026-05-20 10:00:00",
    "due": "2026-05-25 23:59:59",
    "overdue": False,
}


class CasesInput(Body):
    """Cases of the supervisor's region; `mine` are those in the caller's hands."""

    model_config = example(still_open=True, limit=20)

    still_open: Yes = True
    mine: Yes = False
    subject: Annotated[Text | None, Field(max_length=64, description='as in "person:17"')] = None
    limit: Limit = 50


class CaseShown(Body):
    """One case; `subject` is whom or what it is about."""

    model_config = example(**_CASE)

    case: Count
    kind: Text
    matter: Annotated[Text, Field(description="compliance, information_security, legal, service")]
    subject: Text
    region: Region
    text: Text
    state: Text
    owner: Text
    opened: Instant
    due: Instant
    overdue: Yes
    escalated: Instant | None = None
    closed: Instant | None = None
    outcome: Text | None = None


class CasesOutput(Body):
    """By their deadline."""

    model_config = example(cases=[_CASE])

    cases: tuple[CaseShown, ...]


class CaseInput(Body):
    """Which case. `statement`: read what somebody reported; that is noted, and for supervisors only."""

    model_config = example(case=7)

    case: Ordinal
    statement: Yes = False


class CaseOutput(Body):
    """The case with all that happened to it."""

    class Event(Body):
        """One of them."""

        at: Instant
        actor: Text
        event: Text
        text: Text

    model_config = example(
        case=_CASE,
        events=[{"at": "2026-05-20 10:00:00", "actor": "authority", "event": "opened", "text": "decline, 120 points"}],
    )

    case: CaseShown
    events: tuple[Event, ...]
    statement: Text | None = None


class CaseAction(StrEnum):
    """What is done with a case."""

    TAKE = "TAKE"
    ASSIGN = "ASSIGN"
    NOTE = "NOTE"
    ESCALATE = "ESCALATE"
    CLOSE = "CLOSE"


class ActInput(Body):
    """TAKE it in hand; ASSIGN it `to` another supervisor; NOTE, ESCALATE and CLOSE with `text`."""

    model_config = example(case=7, action="CLOSE", text="核实为本人就医,排除嫌疑")

    case: Ordinal
    action: CaseAction
    to: Annotated[Text | None, Field(min_length=1, max_length=30)] = None
    text: Annotated[Text, Field(max_length=200)] = ""


class ActOutput(Body):
    """The case now."""

    model_config = example(case=_CASE)

    case: CaseShown


class ReportInput(Body):
    """Misuse that somebody saw, with or without a name. `promotion`: cash is offered for cards, or an enterprise,
    employer or merchant has a hand in withdrawals."""

    model_config = example(region="371000", statement="某药店门口有人收购医保卡套现", promotion=True)

    region: Region
    statement: Annotated[Text, Field(min_length=1, max_length=2000)]
    promotion: Yes = False
    about: Annotated[str | None, Field(strict=True, pattern=r"^(?:provider|terminal):[0-9A-Za-z]{1,15}$")] = None
    contact: Annotated[Text | None, Field(min_length=1, max_length=100)] = None


class ReportOutput(Body):
    """The number of the case."""

    model_config = example(case=7)

    case: Count


class Step(StrEnum):
    """In this order, each once."""

    OPEN = "open"
    FREEZE = "freeze"
    NOTICE = "notice"
    RECOVERY = "recovery"
    PENALTY = "penalty"
    REPORT = "report"


class ViolationInput(Body):
    """OPEN names the person; all further steps the case. `fen` with RECOVERY and PENALTY."""

    model_config = example(step="penalty", case=7, text="处骗取金额二倍罚款", fen=100000)

    step: Step
    case: Ordinal | None = None
    psn_no: PersonNumber | None = None
    text: Annotated[Text, Field(min_length=1, max_length=200, description="with REPORT: the loop hole")]
    fen: Fen = 0
    suspended_until: Annotated[Instant | None, Field(description="with PENALTY")] = None


class ViolationOutput(Body):
    """The case, and the order that a step made."""

    model_config = example(case=7, step="freeze", order=3)

    case: Count
    step: Step
    order: Count | None = None


CASES = Service("8611", FAMILY, "监管案件列表", "cases", OVERSEERS, CasesInput, CasesOutput, writes=False)
CASE = Service("8612", FAMILY, "监管案件", "one case", OVERSEERS, CaseInput, CaseOutput, writes=False)
ACT = Service(
    "8613",
    FAMILY,
    "案件处理",
    "take, assign, note, escalate or close a case",
    SUPERVISORS,
    ActInput,
    ActOutput,
    writes=True,
    about="In the own region; only its owner closes a case.",
)
REPORT = Service(
    "8614",
    FAMILY,
    "举报",
    "report misuse",
    ANYBODY,
    ReportInput,
    ReportOutput,
    writes=True,
    about="The statement is kept sealed and read by supervisors of the region only.",
)
VIOLATION = Service(
    "8615",
    FAMILY,
    "违规处理",
    "a step after a violation",
    SUPERVISORS,
    ViolationInput,
    ViolationOutput,
    writes=True,
    about="The penalty is another supervisor's than all steps before it.",
)
