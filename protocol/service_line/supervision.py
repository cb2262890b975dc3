"""8601 to 8603: a supervisor's register of withdrawals, orders, and their end."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.information import Done
from protocol.service_line.service import SUPERVISORS, Service
from protocol.service_line.values import Body, Count, Day, Fen, Instant, Limit, Region, Text, Yes, example

FAMILY = "supervision"


class RegisterInput(Body):
    """Which requests for money: by person, region, provider, terminal, day; newest first."""

    model_config = example(region="371000", first="2026-05-01", cross_city=True, limit=50)

    psn_no: Annotated[str | None, Field(strict=True, pattern=r"^[1-9][0-9]{0,8}$")] = None
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


REGISTER = Service(
    "8601", FAMILY, "取现登记簿", "register of withdrawals", SUPERVISORS, RegisterInput, RegisterOutput, writes=False
)
ORDER = Service("8602", FAMILY, "监管措施", "order a measure", SUPERVISORS, OrderInput, OrderOutput, writes=True)
LIFT = Service("8603", FAMILY, "解除监管措施", "lift a measure", SUPERVISORS, LiftInput, Done, writes=True)
