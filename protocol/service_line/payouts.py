"""8111 and 8112: payouts that pass no terminal: transfers online, cash and transfers at a counter."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.applications import ApplicationNumber
from protocol.service_line.envelope import MessageId
from protocol.service_line.people import PersonInput
from protocol.service_line.policy import PayoutMode
from protocol.service_line.service import Caller, Service
from protocol.service_line.values import Body, CheckCode, Fen, PositiveFen, Reference, Text, example

FAMILY = "payouts"

COUNTERS = frozenset({Caller.PERSON, Caller.TELLER})


class PayoutInput(PersonInput):
    """Decide, and hold the sum. Online only transfers are paid; they go to the account of the application.

    Online the place of treatment of the application (`number`) is where it is drawn; without it, the home region.
    """

    model_config = example(mode="TRANSFER", amount_fen=100000, number="13710002605200000017")

    mode: PayoutMode
    amount_fen: PositiveFen
    number: Annotated[ApplicationNumber | None, Field(description="of the application, online")] = None


class PayoutOutput(Body):
    """It is held: 8112 pays it, or gives it back."""

    model_config = example(
        omsgid="H37100000001202605201000000007",
        held_fen=100000,
        balance_after_fen=870000,
        payee="621700*********0012",
    )

    omsgid: Annotated[MessageId, Field(description="names this payout from now on")]
    held_fen: Fen
    balance_after_fen: Annotated[Fen, Field(description="what the account will have when it is paid")]
    payee: Annotated[Text | None, Field(description="own bank account, masked")] = None


class Ending(StrEnum):
    """What became of it."""

    PAID = "PAID"
    CANCELLED = "CANCELLED"


class ConfirmInput(Body):
    """The original message as the platform's 2601 names it (`omsgid`); how it ended; the sum that was paid."""

    model_config = example(omsgid="H37100000001202605201000000007", ending="PAID", paid_fen=100000)

    omsgid: MessageId
    ending: Ending
    paid_fen: Fen = 0


class ConfirmOutput(Body):
    """The books say so too. `transfer` is where the money of a transfer is.

    Reference and check code go on the receipt, on paper or not; 8404 verifies them.
    """

    model_config = example(
        omsgid="H37100000001202605201000000007",
        ending="PAID",
        paid_fen=100000,
        transfer="credited",
        reference="614090000017",
        check_code="6VTGLCKS",
    )

    omsgid: MessageId
    ending: Ending
    paid_fen: Fen
    transfer: Text | None = None
    reference: Reference
    check_code: CheckCode


AUTHORISE = Service(
    "8111",
    FAMILY,
    "取现授权",
    "authorise a payout without a terminal",
    COUNTERS,
    PayoutInput,
    PayoutOutput,
    writes=True,
)
CONFIRM = Service(
    "8112", FAMILY, "取现确认", "confirm or cancel a payout", COUNTERS, ConfirmInput, ConfirmOutput, writes=True
)
