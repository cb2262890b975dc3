"""8601 to 8607: the register of withdrawals and their way, orders and their end, and a person's credit record."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.information import Done
from protocol.service_line.service import OVERSEERS, REVIEWERS, SUPERVISORS, Service
from protocol.service_line.values import (
    Body,
    Count,
    Day,
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

FAMILY = "supervision"


class RegisterInput(Body):
    """Which requests for money: by person, region, provider, terminal, day; newest first."""

    model_config = example(region="371000", first="2026-05-01", cross_city=True, limit=50)

    psn_no: PersonNumber | None = None
    region: Annotated[Region | None, Field(description="of the insurance, or where the money was asked for")] = None
    provider: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,15}$")] = None
    terminal: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,8}$")] = None
    first: Day | None = None
    last: Day | None = None
    cross_city: Yes | None = None
    limit: Limit = 50


class Withdrawal(Body):
    """One request for money and what became of it; the person is a number."""

    trace: Text
    at: Instant
    asked: Text
    channel: Text
    psn_no: Text | None = None
    home: Region | None = None
    place: Region
    provider: Text | None = None
    terminal: Text | None = None
    amount_fen: Fen | None = None
    code: Annotated[Text, Field(description="reply code of the money line")]
    risk: Annotated[Text, Field(description="verdict of the risk rules")]
    state: Text | None = None
    paid_fen: Fen
    purpose: Text | None = None


class RegisterOutput(Body):
    """Newest first."""

    model_config = example(withdrawals=[])

    withdrawals: tuple[Withdrawal, ...]


class Target(StrEnum):
    """Whom an order is against."""

    PROVIDER = "provider"
    TERMINAL = "terminal"
    REGION = "region"
    PERSON = "person"


class Measure(StrEnum):
    """What is ordered."""

    SUSPENSION = "suspension"
    LEGAL_HOLD = "legal_hold"
    RECTIFICATION = "rectification"


class OrderInput(Body):
    """It counts on the next message, until its end or until it is lifted."""

    model_config = example(target="terminal", id="K3710001", measure="suspension", reason="设备异常,停用检查")

    target: Target
    id: Annotated[str, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,15}$")]
    measure: Measure
    reason: Annotated[Text, Field(min_length=1, max_length=200)]
    until: Instant | None = None


class OrderOutput(Body):
    """Its number."""

    model_config = example(order=3)

    order: Count


class LiftInput(Body):
    """Which order ends."""

    model_config = example(order=3)

    order: Count


class OrdersInput(Body):
    """Orders in the supervisor's region; against one target, or only those that count now."""

    model_config = example(target="terminal", id="K3710001", in_force=True)

    target: Target | None = None
    id: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,15}$")] = None
    in_force: Yes = True
    limit: Limit = 50


class OrderShown(Body):
    """One order."""

    order: Count
    target: Target
    id: Text
    measure: Measure
    reason: Text
    begins: Instant
    until: Instant | None = None
    ordered_by: Text
    lifted: Instant | None = None
    lifted_by: Text | None = None


class OrdersOutput(Body):
    """Newest first."""

    model_config = example(
        orders=[
            {
                "order": 3,
                "target": "terminal",
                "id": "K3710001",
                "measure": "suspension",
                "reason": "设备异常,停用检查",
                "begins": "2026-05-20 10:00:00",
                "ordered_by": "supervisor1",
            }
        ]
    )

    orders: tuple[OrderShown, ...]


class HopsInput(Body):
    """The trace of 8601."""

    model_config = example(trace="K3710001-000001-000007-2026-05-20")

    trace: Annotated[Text, Field(min_length=1, max_length=64)]


class HopsOutput(Body):
    """Every party that the request passed, in order."""

    class Hop(Body):
        """One of them: terminal, bank, authority, ledger, hospital, insurer."""

        party: Text
        id: Text
        at: Annotated[Text, Field(description="when; a day for what has no hour")]
        checks: tuple[Text, ...]

    model_config = example(
        hops=[{"party": "terminal", "id": "K3710001", "at": "2026-05-20T10:00:00+08:00", "checks": ["message", "MAC"]}]
    )

    hops: tuple[Hop, ...]


class CreditEvent(StrEnum):
    """What is entered of a person; REPAIRED closes what was entered before."""

    UNPROVEN_ADVANCE = "unproven_advance"
    FALSE_INVOICE = "false_invoice"
    HIDDEN_THIRD_PARTY = "hidden_third_party"
    CARD_LENT = "card_lent"
    REPAIRED = "repaired"


class CreditInput(Body):
    """A reviewer has looked at the matter and enters what was found."""

    model_config = example(psn_no="17", event="unproven_advance", reason="逾期未交发票,催告后仍未退回")

    psn_no: PersonNumber
    event: CreditEvent
    reason: Annotated[Text, Field(min_length=1, max_length=200)]
    case: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Z-]{1,20}$", description="settlement case")] = None


class SuspendInput(Body):
    """A supervisor suspends networked settlement, and payouts with it, after a reviewer's entry (8207)."""

    model_config = example(psn_no="17", months=3, reason="虚假发票,经复核属实")

    psn_no: PersonNumber
    months: Annotated[Ordinal, Field(description="3 to 12")]
    reason: Annotated[Text, Field(min_length=1, max_length=200)]


REGISTER = Service(
    "8601", FAMILY, "取现登记簿", "register of withdrawals", OVERSEERS, RegisterInput, RegisterOutput, writes=False
)
ORDER = Service("8602", FAMILY, "监管措施", "order a measure", SUPERVISORS, OrderInput, OrderOutput, writes=True)
LIFT = Service("8603", FAMILY, "解除监管措施", "lift a measure", SUPERVISORS, LiftInput, Done, writes=True)
ORDERS = Service("8604", FAMILY, "监管措施列表", "orders", OVERSEERS, OrdersInput, OrdersOutput, writes=False)
HOPS = Service("8605", FAMILY, "取现链路", "the way of a request", OVERSEERS, HopsInput, HopsOutput, writes=False)
CREDIT = Service(
    "8606",
    FAMILY,
    "诚信记录登记",
    "enter a credit record",
    REVIEWERS,
    CreditInput,
    Done,
    writes=True,
    about="In the home region, never about oneself.",
)
SUSPEND = Service(
    "8607",
    FAMILY,
    "暂停联网结算",
    "suspend a person's settlement",
    SUPERVISORS,
    SuspendInput,
    OrderOutput,
    writes=True,
    about="For 3 to 12 months, where a reviewer has entered something (8606): two people, never about oneself.",
)
