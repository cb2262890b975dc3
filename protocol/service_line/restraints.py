"""8321 and 8322: the authority stops a person's card or account, and lets them go on."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.cards import CardOutput
from protocol.service_line.service import DECIDERS, Service
from protocol.service_line.values import Body, PersonNumber, Text, example

FAMILY = "restraints"

Reason = Annotated[Text, Field(min_length=1, max_length=200, description="stands in the audit chain")]


class CardAct(StrEnum):
    """What is done to a card."""

    FREEZE = "freeze"
    RELEASE = "release"
    BLOCK_PIN = "block_pin"


class RestrainCardInput(Body):
    """The person's newest card. RELEASE ends FREEZE; a blocked PIN is unblocked at a counter (8308)."""

    model_config = example(psn_no="17", act="freeze", reason="涉嫌出借,核查期间停用")

    psn_no: PersonNumber
    act: CardAct
    reason: Reason


class AccountState(StrEnum):
    """What an account can be made; ACTIVE releases it."""

    ACTIVE = "active"
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AccountInput(Body):
    """Whose account, and what it is from now on."""

    model_config = example(psn_no="17", state="frozen", reason="信息待核实")

    psn_no: PersonNumber
    state: AccountState
    reason: Reason


class AccountOutput(Body):
    """The state before and now."""

    model_config = example(before="active", account="frozen")

    before: Text
    account: Text


RESTRAIN_CARD = Service(
    "8321",
    FAMILY,
    "冻结解冻卡",
    "freeze or release a card, or block its PIN",
    DECIDERS,
    RestrainCardInput,
    CardOutput,
    writes=True,
    about="In the home region, never about oneself. The person is told (8414).",
)
ACCOUNT = Service(
    "8322",
    FAMILY,
    "账户状态变更",
    "freeze, suspend, close or release an account",
    DECIDERS,
    AccountInput,
    AccountOutput,
    writes=True,
    about="In the home region, never about oneself. What ended (8311) or was closed is opened again by reviewers only. "
    "The person is told (8414). A legal hold is an order (8602).",
)
