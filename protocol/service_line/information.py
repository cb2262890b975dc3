"""What anybody may ask without a card: hours and notices, help, official channels, receipts, and a rating."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.service_line.service import ANYBODY, Caller, Service
from protocol.service_line.values import (
    Body,
    CheckCode,
    Day,
    Fen,
    Instant,
    Language,
    Ordinal,
    Reference,
    Region,
    Stars,
    Text,
    Yes,
    example,
)

FAMILY = "information"


class Nothing(Body):
    """No fields."""


class Done(Body):
    """It was done; there is nothing to tell."""

    model_config = example()


class HoursInput(Body):
    """A terminal asks for itself; anybody else names the terminal or a region."""

    model_config = example(terminal="K3710001")

    terminal: Annotated[str | None, Field(strict=True, pattern=r"^[0-9A-Za-z]{1,8}$")] = None
    region: Region | None = None


class Hours(Body):
    """The hours of one kind of day, such as working days."""

    kind: Annotated[Text, Field(description="working, adjusted, weekend, holiday, or monday to sunday")]
    days: Text
    days_en: Text
    windows: Annotated[tuple[Text, ...], Field(description="HH:mm-HH:mm; none: closed")]


class Notice(Body):
    """Something published, newest first."""

    id: Text
    since: Day
    title: Text
    title_en: Text
    text: Text
    text_en: Text


class HoursOutput(Body):
    """Service hours, whether it is open now, and what is published there."""

    model_config = example(
        region="371000",
        open_now=True,
        until="2026-05-20 17:00:00",
        hours=[{"kind": "working", "days": "工作日", "days_en": "working days", "windows": ["08:30-17:00"]}],
        notices=[],
    )

    region: Region
    open_now: Yes
    until: Annotated[
        Instant | None, Field(description="when it closes; missing when it is shut, or open for a week")
    ] = None
    next_opening: Instant | None = None
    hours: tuple[Hours, ...]
    notices: tuple[Notice, ...] = ()


class HelpInput(Body):
    """All topics, or one with its text; the topic `declaration` is what an application signs."""

    model_config = example(language="zh_CN")

    topic: Annotated[Text | None, Field(max_length=40)] = None
    language: Language = "zh_CN"


class Problem(Body):
    """A row of the table of problems: 序号, 问题描述, 解决方案, 注意事项."""

    number: Ordinal
    problem: Text
    solution: Text
    caution: Text


class Topic(Body):
    """One topic of the help; an advantage is never told without its risk."""

    key: Text
    title: Text
    paragraphs: tuple[Text, ...] = ()
    problems: tuple[Problem, ...] = ()


class HelpOutput(Body):
    """Topics in their order."""

    model_config = example(topics=[{"key": "process", "title": "服务流程", "paragraphs": ["……"]}], hotline="12393")

    topics: tuple[Topic, ...]
    hotline: Text


class ChannelInput(Body):
    """All official channels of a region, or of all regions."""

    model_config = example(region="371000")

    region: Region | None = None


class OfficialChannel(Body):
    """One terminal or site that may ask for money in the authority's name."""

    id: Text
    kind: Annotated[Text, Field(description="terminal, app, web, counter, or phone")]
    region: Region
    provider: Text


class ChannelOutput(Body):
    """Whatever is not listed here is not official."""

    model_config = example(
        channels=[{"id": "K3710001", "kind": "terminal", "region": "371000", "provider": "371000000000001"}]
    )

    channels: tuple[OfficialChannel, ...]


class ReceiptInput(Body):
    """What is printed on the receipt."""

    model_config = example(reference="614000000017", check_code="7K3M9QXB")

    reference: Reference
    check_code: CheckCode


class ReceiptOutput(Body):
    """What the authority's books say of a receipt whose code is right; the person is not named."""

    model_config = example(
        reference="614000000017",
        genuine=True,
        outcome="confirmed",
        outcome_text="已支付",
        outcome_text_en="paid",
        at="2026-05-20 10:00:00",
        amount_fen=50000,
        place="440300",
        terminal="K4403001",
    )

    reference: Reference
    genuine: Literal[True]
    outcome: Annotated[Text, Field(description="held, confirmed, reversed, or nothing_moved")]
    outcome_text: Text
    outcome_text_en: Text
    at: Instant
    amount_fen: Fen | None = None
    place: Region | None = None
    terminal: Text | None = None


class RatingInput(Body):
    """How a visit was, 1 to 5; kept without any identity."""

    model_config = example(stars=5)

    stars: Stars


HOURS = Service(
    "8402", FAMILY, "服务时间与公告", "service hours and notices", ANYBODY, HoursInput, HoursOutput, writes=False
)
HELP = Service("8403", FAMILY, "帮助", "help topics", ANYBODY, HelpInput, HelpOutput, writes=False)
VERIFY_RECEIPT = Service(
    "8404", FAMILY, "凭证核验", "verify a receipt", ANYBODY, ReceiptInput, ReceiptOutput, writes=False
)
RATE = Service(
    "8405",
    FAMILY,
    "服务评价",
    "rate the visit",
    frozenset({Caller.TERMINAL, Caller.PERSON}),
    RatingInput,
    Done,
    writes=True,
)
CHANNELS = Service("8406", FAMILY, "官方渠道", "official channels", ANYBODY, ChannelInput, ChannelOutput, writes=False)
