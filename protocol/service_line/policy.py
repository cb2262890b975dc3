"""8401: the rules of home and destination, the rule that both make together, and what to prepare."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from protocol.service_line.service import ANYBODY, Service
from protocol.service_line.values import Body, Count, Day, Fen, Instant, Language, Region, Text, Yes, example

FAMILY = "policy"


class Purpose(StrEnum):
    """What the money is for."""

    TREATMENT_AWAY = "TREATMENT_AWAY"
    TREATMENT = "TREATMENT"
    EMERGENCY = "EMERGENCY"
    UNUSUAL = "UNUSUAL"
    DAILY = "DAILY"


class PurposeDetail(StrEnum):
    """What kind of treatment."""

    INPATIENT = "INPATIENT"
    SURGERY = "SURGERY"
    DRUGS = "DRUGS"
    OTHER = "OTHER"


class PayoutMode(StrEnum):
    """Notes, or a credit to the person's own bank account."""

    CASH = "CASH"
    TRANSFER = "TRANSFER"


class Channel(StrEnum):
    """Where somebody is served."""

    ATM = "ATM"
    ONLINE = "ONLINE"
    COUNTER = "COUNTER"
    PHONE = "PHONE"


class PolicyInput(Body):
    """Where the person is insured and where the money is to be drawn; nobody need be known for it."""

    model_config = example(home="371000", destination="440300", purpose="TREATMENT_AWAY", mode="CASH", channel="ATM")

    home: Region
    destination: Region
    purpose: Purpose = Purpose.TREATMENT_AWAY
    mode: PayoutMode = PayoutMode.CASH
    channel: Channel = Channel.ATM
    language: Language = "zh_CN"
    on: Annotated[Day | None, Field(description="the day the rules are asked for; today without it")] = None


class Contact(Body):
    """A body that helps: 医保 approves, 社保 issues cards."""

    name: Text
    phone: Text
    address: Text
    hours: Text


class Rule(Body):
    """One item of a policy in words."""

    key: Text
    label: Text
    value: Annotated[Text, Field(description="as data; amounts in fen")]
    text: Text
    region: Annotated[Region, Field(description="whose rule it is; in the combined rule: the stricter of the two")]
    version: Text
    basis: Text | None = None


class Coming(Body):
    """A version that is published and not yet in force."""

    version: Text
    valid_from: Day


class Guide(Body):
    """Texts made from the rules: how it goes, limits, cautions, what the money is for, who may draw."""

    process: tuple[Text, ...]
    limits: tuple[Text, ...]
    cautions: tuple[Text, ...]
    use_scope: tuple[Text, ...]
    conditions: tuple[Text, ...]


_RULE: dict[str, JsonValue] = {
    "key": "single_limit",
    "label": "单次限额",
    "value": "200000",
    "text": "每次不超过2000.00元",
    "region": "371000",
    "version": "2026.1",
    "basis": "示例〔2026〕1号",
}


def _region(code: str, name: str) -> JsonValue:
    return {
        "region": code,
        "name": name,
        "version": "2026.1",
        "enabled": True,
        "valid_from": "2026-01-01",
        "basis": "示例〔2026〕1号",
        "rules": [{**_RULE, "region": code}],
        "contacts": [{"name": "示例医保局", "phone": "12393", "address": "示例路1号", "hours": "08:30-17:00"}],
    }


class RegionRules(Body):
    """One region's policy in force."""

    region: Region
    name: Text
    version: Text
    enabled: Yes
    valid_from: Day
    valid_until: Day | None = None
    basis: Text
    rules: tuple[Rule, ...]
    contacts: tuple[Contact, ...]
    coming: Annotated[Coming | None, Field(description="a change that was published")] = None


class ChecklistItem(Body):
    """Something to have or to do before."""

    key: Text
    text: Text


class PolicyOutput(Body):
    """Both policies, the combined rule, and a checklist."""

    model_config = example(
        home=_region("371000", "示例市甲"),
        destination=_region("440300", "示例市乙"),
        combined=[_RULE],
        offered=True,
        checklist=[{"key": "ID_CARD", "text": "居民身份证"}],
        maximum_fen=200000,
        note_multiple_fen=10000,
        review_days=2,
    )

    home: RegionRules
    destination: RegionRules
    combined: tuple[Rule, ...]
    offered: Annotated[
        Yes, Field(description="may anybody draw at all between these regions, by this channel and mode?")
    ]
    closed_by: Annotated[tuple[Text, ...], Field(description="the rules that close it to everybody")] = ()
    checklist: tuple[ChecklistItem, ...]
    maximum_fen: Annotated[Fen | None, Field(description="the largest single draw that the combined rule allows")] = (
        None
    )
    note_multiple_fen: Fen | None = None
    review_days: Annotated[Count | None, Field(description="working days for a decision on an application")] = None
    emergency_hours: Annotated[Count | None, Field(description="the same in an emergency")] = None
    open_now: Yes = True
    next_opening: Instant | None = None
    guide: Guide | None = None


POLICY = Service(
    "8401",
    FAMILY,
    "政策查询",
    "policies of home and destination, and the stricter of both",
    ANYBODY,
    PolicyInput,
    PolicyOutput,
    writes=False,
)
