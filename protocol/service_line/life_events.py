"""8311 to 8314: death, moving and the end of an insurance, and what an heir claims."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.service import AGENCIES, REVIEWERS, Service
from protocol.service_line.values import Body, Count, Day, Fen, Instant, Limit, Ordinal, Region, Text, Yes, example

FAMILY = "life events"

IdNumber = Annotated[Text, Field(min_length=1, max_length=30)]
Name = Annotated[Text, Field(min_length=1, max_length=60)]


class LifeEvent(StrEnum):
    """What ends an insurance here."""

    DECEASED = "deceased"
    MOVED_OUT = "moved_out"
    STOPPED = "stopped"


class EventInput(Body):
    """Number and name of the insured person as the proof has them; the account is frozen from now on."""

    model_config = example(
        certno="310101198001010018", name="测试甲", event="moved_out", happened_on="2026-05-18", moved_to="440300"
    )

    certno: IdNumber
    name: Name
    event: LifeEvent
    happened_on: Day
    moved_to: Annotated[Region | None, Field(description="with moved_out: the new home region")] = None


class EventOutput(Body):
    """The state of the account; draws since the event are looked into."""

    model_config = example(account="moved_out", later_draws=0)

    account: Text
    later_draws: Count


class ClaimInput(Body):
    """An heir at a counter, with a document that was read, names an own bank account."""

    model_config = example(
        deceased_certno="310101198001010018",
        heir_certno="440301200002290031",
        heir_name="测试丁",
        document_read=True,
        document_valid_to="2030-01-01",
        account="6222020000000000005",
    )

    deceased_certno: IdNumber
    heir_certno: IdNumber
    heir_name: Name
    document_read: Yes = False
    document_valid_to: Annotated[Day | None, Field(description="missing: it is valid for good")] = None
    account: Annotated[str, Field(strict=True, pattern=r"^[0-9]{12,30}$")]


class ClaimOutput(Body):
    """Where a claim is: filed, approved_once, paid."""

    model_config = example(claim=3, state="filed", paid_fen=0)

    claim: Count
    state: Text
    paid_fen: Fen


class ApproveInput(Body):
    """One of two reviewers approves; with the second all of the balance is paid."""

    model_config = example(claim=3)

    claim: Ordinal


class ClaimsInput(Body):
    """How many."""

    model_config = example(limit=20)

    limit: Limit = 50


class ClaimsOutput(Body):
    """Claims of the reviewer's region that are not paid, oldest first; an heir is not named."""

    class Shown(Body):
        """One of them."""

        claim: Count
        psn_no: Annotated[Text, Field(description="number of the deceased person")]
        state: Text
        filed: Instant
        balance_fen: Annotated[Fen, Field(description="what would be paid now")]

    model_config = example(
        claims=[{"claim": 3, "psn_no": "17", "state": "filed", "filed": "2026-05-20 10:00:00", "balance_fen": 1000000}]
    )

    claims: tuple[Shown, ...]


EVENT = Service(
    "8311",
    FAMILY,
    "参保变更登记",
    "register a death, a move, or the end of an insurance",
    AGENCIES,
    EventInput,
    EventOutput,
    writes=True,
    about="In the home region. What is authorised already is carried through.",
)
CLAIM = Service(
    "8312",
    FAMILY,
    "继承申请",
    "file an heir's claim",
    AGENCIES,
    ClaimInput,
    ClaimOutput,
    writes=True,
    about="In the home region.",
)
APPROVE = Service(
    "8313",
    FAMILY,
    "继承审批",
    "approve an heir's claim",
    REVIEWERS,
    ApproveInput,
    ClaimOutput,
    writes=True,
    about="Two different reviewers of the home region, neither of them the heir.",
)
CLAIMS = Service(
    "8314", FAMILY, "继承申请列表", "heirs' claims that wait", REVIEWERS, ClaimsInput, ClaimsOutput, writes=False
)
