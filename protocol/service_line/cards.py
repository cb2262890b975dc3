"""8301 to 8304: loss report, activation, PIN change, and a person's own limits, lock and alerts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.people import PersonInput
from protocol.service_line.service import PERSONS, Caller, Service
from protocol.service_line.values import Body, CardPan, Day, Fen, Instant, PinBlock, Text, Yes, example

FAMILY = "cards"


class LossKind(StrEnum):
    """A temporary report lapses by itself after some days; a formal one is made at a counter and lasts."""

    TEMPORARY = "TEMPORARY"
    FORMAL = "FORMAL"


class LossInput(PersonInput):
    """Without the card: ID number (mdtrt_cert_type 02) and name together say whose card is lost.

    A formal report needs a counter at which the ID document was read; its last day is told, or that it has none.
    """

    model_config = example(mdtrt_cert_type="02", mdtrt_cert_no="310101198001010018", name="测试甲", kind="TEMPORARY")

    name: Annotated[Text | None, Field(max_length=60)] = None
    kind: LossKind = LossKind.TEMPORARY
    document_read: Annotated[Yes, Field(description="at a counter: the ID document was looked at")] = False
    document_valid_to: Annotated[Day | None, Field(description="missing: it is valid for good")] = None


class LossOutput(Body):
    """From now on the card is refused in every channel."""

    model_config = example(
        card="621700*********0012", kind="TEMPORARY", lapses="2026-05-27 10:00:00", text="临时挂失七天后自动失效"
    )

    card: Annotated[Text, Field(description="masked number of the bank application")]
    kind: LossKind
    lapses: Annotated[Instant | None, Field(description="when a temporary report ends by itself")] = None
    text: Annotated[Text, Field(description="what to do next")]


class ActivateInput(PersonInput):
    """Ask for a code (without `code`), then activate with it. A teller also says what the ID document shows."""

    model_config = example(phone="13800005678", code="123456")

    phone: Annotated[Text | None, Field(max_length=20, description="must be the registered one")] = None
    name: Annotated[Text | None, Field(max_length=60)] = None
    code: Annotated[str | None, Field(strict=True, pattern=r"^[0-9]{6}$")] = None


class ActivateOutput(Body):
    """The state of account and card."""

    model_config = example(account="active", card="active", code_sent=False)

    account: Text
    card: Text | None = None
    code_sent: Yes


class PinChangeInput(PersonInput):
    """Both PIN blocks come from the PIN pad, under the key of the terminal's last sign-on."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        pan="6217000000000000012",
        old_pin_block="20C7E8024EB139B8",
        new_pin_block="4A5F1C8E77B21D03",
    )

    pan: Annotated[CardPan, Field(description="of the card whose PIN was proved right: the blocks are made with it")]
    old_pin_block: PinBlock
    new_pin_block: PinBlock


class PinChangeOutput(Body):
    """The new PIN counts at once."""

    model_config = example(card="621700*********0012")

    card: Annotated[Text, Field(description="masked")]


class OwnRulesInput(PersonInput):
    """What the person sets for himself; a field that is missing stays as it is, 0 takes an own limit away."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017", single_fen=50000, locked=False)

    single_fen: Fen | None = None
    day_fen: Fen | None = None
    locked: Yes | None = None
    alerts: Yes | None = None
    low_balance_fen: Annotated[Fen | None, Field(description="tell me when the balance falls below; 0: never")] = None


class OwnRulesOutput(Body):
    """What holds now, in every channel."""

    model_config = example(single_fen=50000, locked=False, alerts=True)

    single_fen: Fen | None = None
    day_fen: Fen | None = None
    locked: Yes
    alerts: Yes
    low_balance_fen: Fen | None = None


LOSS = Service("8301", FAMILY, "挂失", "report a card as lost", PERSONS, LossInput, LossOutput, writes=True)
ACTIVATE = Service(
    "8302", FAMILY, "账户激活", "activate account and card", PERSONS, ActivateInput, ActivateOutput, writes=True
)
CHANGE_PIN = Service(
    "8303",
    FAMILY,
    "修改密码",
    "change the PIN",
    frozenset({Caller.TERMINAL}),
    PinChangeInput,
    PinChangeOutput,
    writes=True,
)
OWN_RULES = Service(
    "8304", FAMILY, "本人限额与锁定", "own limits, lock and alerts", PERSONS, OwnRulesInput, OwnRulesOutput, writes=True
)
