"""8301 to 8304 and 8306 to 8309: what happens to a card and its PIN, and a person's own limits, lock and alerts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from protocol.service_line.people import PersonInput
from protocol.service_line.service import PERSONS, TELLERS, Caller, Service
from protocol.service_line.values import Body, CardPan, Day, Fen, Instant, PinBlock, Text, Yes, example

FAMILY = "cards"


class LossKind(StrEnum):
    """A temporary report lapses by itself after some days; a formal one is made at a counter and lasts."""

    TEMPORARY = "TEMPORARY"
    FORMAL = "FORMAL"


class ShownInput(PersonInput):
    """Who stands at a counter: ID number (mdtrt_cert_type 02), name, and what the document shows."""

    name: Annotated[Text | None, Field(max_length=60)] = None
    document_read: Annotated[Yes, Field(description="at a counter: the ID document was looked at")] = False
    document_valid_to: Annotated[Day | None, Field(description="missing: it is valid for good")] = None


_SHOWN: dict[str, JsonValue] = {
    "mdtrt_cert_type": "02",
    "mdtrt_cert_no": "310101198001010018",
    "name": "测试甲",
    "document_read": True,
    "document_valid_to": "2030-01-01",
}


class LossInput(ShownInput):
    """Without the card: ID number (mdtrt_cert_type 02) and name together say whose card is lost.

    A formal report needs a counter at which the ID document was read; its last day is told, or that it has none.
    """

    model_config = example(mdtrt_cert_type="02", mdtrt_cert_no="310101198001010018", name="测试甲", kind="TEMPORARY")

    kind: LossKind = LossKind.TEMPORARY


class LossOutput(Body):
    """From now on the card is refused in every channel."""

    model_config = example(
        card="621700*********0012",
        kind="TEMPORARY",
        lapses="2026-05-27 10:00:00",
        text="临时挂失七天后自动失效",
        text_en="A temporary report lapses after seven days.",
    )

    card: Annotated[Text, Field(description="masked number of the bank application")]
    kind: LossKind
    lapses: Annotated[Instant | None, Field(description="when a temporary report ends by itself")] = None
    text: Annotated[Text, Field(description="what to do next")]
    text_en: Text


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


class FoundInput(ShownInput):
    """The card was found. A person who signed on says nothing more; a counter reads the document.

    `pan` is the number of the card that was found, where somebody holds it.
    """

    model_config = example(**_SHOWN, pan="6217000000000000012")

    pan: CardPan | None = None


class CardOutput(Body):
    """The card and its state."""

    model_config = example(card="621700*********0012", state="active")

    card: Annotated[Text, Field(description="masked number of the bank application")]
    state: Text


class ReplaceInput(ShownInput):
    """Issue a new card. The old one was reported lost formally, or is handed in: then `handed_in_pan` is its number.

    The holder types the new PIN at the PIN pad of a signed-on terminal of the counter's provider (`pin_terminal`); the
    block is made with the new number.
    """

    model_config = example(
        **_SHOWN,
        card_number="S00000039",
        pan="6299991234567890122",
        expiry="3612",
        pin_terminal="K3710001",
        pin_block="4A5F1C8E77B21D03",
    )

    handed_in_pan: CardPan | None = None
    card_number: Annotated[str, Field(strict=True, pattern=r"^[0-9A-Z]{9}$", description="of the new card (卡号)")]
    pan: Annotated[CardPan, Field(description="of the new card's bank application")]
    expiry: Annotated[str, Field(strict=True, pattern=r"^[0-9]{2}(?:0[1-9]|1[0-2])$", description="YYMM")]
    pin_terminal: Annotated[str, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,8}$")]
    pin_block: PinBlock


class UnblockInput(ShownInput):
    """Too many wrong PINs, and the holder stands at a counter with the document: the old PIN counts again."""

    model_config = example(**_SHOWN)


class BlockPinInput(ShownInput):
    """Somebody may have seen the PIN: none counts from now. Who signed on, or has a card in a kiosk, says no more."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017")


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
FOUND = Service(
    "8306",
    FAMILY,
    "撤销挂失",
    "take back a loss report",
    frozenset({Caller.PERSON, Caller.TELLER}),
    FoundInput,
    CardOutput,
    writes=True,
    about="A temporary report online or at any counter, a formal one at a counter only.",
)
REPLACE = Service(
    "8307",
    FAMILY,
    "补换卡",
    "replace a card",
    TELLERS,
    ReplaceInput,
    CardOutput,
    writes=True,
    about="At a counter of the home region. The new card must be activated (8302); all else stays with the person.",
)
UNBLOCK_PIN = Service(
    "8308",
    FAMILY,
    "密码解锁",
    "unblock the PIN",
    TELLERS,
    UnblockInput,
    CardOutput,
    writes=True,
    about="At a counter of the home region.",
)
BLOCK_PIN = Service(
    "8309",
    FAMILY,
    "锁定密码",
    "block the PIN",
    PERSONS,
    BlockPinInput,
    CardOutput,
    writes=True,
    about="Of the person's newest card, until it is unblocked (8308).",
)
