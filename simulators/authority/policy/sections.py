"""The tables of a policy file, one model each; `RegionPolicy` puts them together.

A key that is left out has the default given here. `docs/policy.md` describes every key; a test reads its example.
Amounts are fen.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from protocol.money_line import Treatment, treatment_of
from simulators.authority.policy.vocabulary import (
    Channel,
    DayKind,
    FundPart,
    GapRule,
    LeapDay,
    LowBalance,
    PayoutMode,
    PurposeDetail,
    Rounding,
    Rule,
)

ATM_DAY_CEILING_FEN = 2_000_000
"""Cash per card and day at machines stays within 20,000 yuan (People's Bank of China, notice of 2007-05-11)."""


T = TypeVar("T")


def _in_a_leap_year(month_day: str) -> str:
    try:
        date.fromisoformat(f"2024-{month_day}")
    except ValueError:
        raise ValueError(f"{month_day} is no day of any year") from None
    return month_day


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            raise ValueError(f"U+{ord(character):04X} can't be shown or printed; take it out")
    return text


def _span(text: str) -> str:
    first, _, last = text.partition("-")
    if last and last < first:
        raise ValueError(f"the span {text!r} ends before it begins")
    return text


def _once_each(values: tuple[T, ...]) -> tuple[T, ...]:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise ValueError(f"{value} stands there twice; take one out")
    return values


def _one_or_more(values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise ValueError("it is empty, so nobody could draw; name one, or write enabled = false")
    return _once_each(values)


Unlimited = Literal["unlimited"]
UNLIMITED: Unlimited = "unlimited"

Fen = Annotated[StrictInt, Field(ge=0, le=10**14)]
DayFen = Annotated[StrictInt, Field(ge=0, le=ATM_DAY_CEILING_FEN)]
Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[StrictInt, Field(ge=0, le=100)]
Natural = Annotated[StrictInt, Field(ge=0, le=36_500)]
Positive = Annotated[StrictInt, Field(gt=0, le=36_500)]
"""Days, months, hours: no more than a hundred years of days."""
Years = Annotated[StrictInt, Field(ge=0, le=100)]
Minutes = Annotated[StrictInt, Field(ge=0, le=527_040)]
"""No more than a leap year."""
Quota = Annotated[StrictInt, Field(ge=0, le=10**9)]
WholeYuan = Annotated[StrictInt, Field(gt=0, le=10**6, multiple_of=100)]
"""Whole yuan: there is no smaller note."""
Count = Quota | Unlimited
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_printable)
]
Basis = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_printable)
]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,32}$")]
"""Groups, situations, documents and health codes: words that a region may add to."""
Merchant = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,15}$")]
"""Field 42 of the money line."""
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Icd10 = Annotated[
    str,
    Field(
        pattern=r"^([A-Z]([0-9]([0-9](\.?[0-9A-Z]{1,6})?)?)?|[A-Z][0-9]{2}(\.[0-9A-Z]{1,6})?-[A-Z][0-9]{2}(\.[0-9A-Z]{1,6})?)$"
    ),
    AfterValidator(_span),
]
"""A prefix, as in C or I21, or a span of codes with both its ends, as in C00-C97."""
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), AfterValidator(_in_a_leap_year)]


class Section(BaseModel):
    """A table of a policy file: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- hours

_WINDOW = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$")


class Weekday(StrEnum):
    """Days of the week, in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _windows(texts: tuple[str, ...]) -> tuple[str, ...]:
    before = ""
    for text in texts:
        if not _WINDOW.match(text):
            raise ValueError(
                f'{text!r} is no window; write "08:30-17:00", "00:00-24:00", or "22:00-06:00" into the next day'
            )
        opens, closes = text.split("-")
        if closes == opens:
            raise ValueError(f'{text!r} ends as it begins; round the clock is "00:00-24:00"')
        if opens < before:
            raise ValueError(f"{text!r} begins before the window ahead of it has ended")
        before = closes if closes > opens else "24:00"
    return texts


Windows = Annotated[tuple[str, ...], AfterValidator(_windows)]
ALWAYS: tuple[str, ...] = ("00:00-24:00",)


class DayHours(Section):
    """Windows for each kind of day; `adjusted` left out is as `working`. A weekday's own windows come before those.

    A window that ends before it begins belongs to the day on which it begins and runs into the next one.
    """

    working: Windows = ALWAYS
    adjusted: Windows | None = None
    weekend: Windows = ALWAYS
    holiday: Windows = ALWAYS
    weekdays: Mapping[Weekday, Windows] = Field({})

    @cached_property
    def never_closes(self) -> bool:
        """Is it open round the clock on every day?"""
        own = [self.working, self.weekend, self.holiday, self.adjusted or self.working, *self.weekdays.values()]
        return all(windows == ALWAYS for windows in own)

    def windows(self, kind: DayKind, weekday: int) -> tuple[str, ...]:
        """When it is open on a day of this kind; `weekday` 0 is Monday."""
        own = self.weekdays.get(tuple(Weekday)[weekday])
        if own is not None and kind in (DayKind.WORKING, DayKind.WEEKEND):
            return own
        match kind:
            case DayKind.WORKING:
                return self.working
            case DayKind.ADJUSTED:
                return self.working if self.adjusted is None else self.adjusted
            case DayKind.WEEKEND:
                return self.weekend
            case DayKind.HOLIDAY:
                return self.holiday


class Hours(Section):
    """Opening hours of each channel, round the clock where nothing is said. An enquiry may be open when cash is not."""

    atm: DayHours = DayHours()
    online: DayHours = DayHours()
    counter: DayHours = DayHours()
    phone: DayHours = DayHours()
    enquiry_when_closed: Flag = True

    def of(self, channel: Channel) -> DayHours:
        """The hours of a channel."""
        match channel:
            case Channel.ATM:
                return self.atm
            case Channel.ONLINE:
                return self.online
            case Channel.COUNTER:
                return self.counter
            case Channel.PHONE:
                return self.phone


class Calendar(Section):
    """Days on which the region differs from the national table."""

    rest_days: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _a_day_is_one_of_both(self) -> "Calendar":
        for day in self.rest_days:
            if day in self.working_days:
                raise ValueError(f"{day} is a day of rest and a working day; take one out")
        return self


# --- who, where, what for


class Pilot(Section):
    """A trial with a first and a last day; outside them, or with a quota used up, the service is off."""

    first_day: date
    last_day: date
    persons: Quota | None = None
    draws: Quota | None = None
    total_fen: Fen | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Pilot":
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self


class Providers(Section):
    """Banks and platforms by their merchant number. `only` empty: all that the authority has registered."""

    only: tuple[Merchant, ...] = ()
    refused: tuple[Merchant, ...] = ()
    hours: Mapping[Merchant, DayHours] = Field({})

    @model_validator(mode="after")
    def _a_provider_is_one_of_both(self) -> "Providers":
        for merchant in self.only:
            if merchant in self.refused:
                raise ValueError(f"{merchant} stands in only and in refused; take one out")
        return self


DEFAULT_SINGLE_FEN: Mapping[PayoutMode, int] = {PayoutMode.CASH: 200_000, PayoutMode.TRANSFER: 500_000}


class Limits(Section):
    """What may be drawn. Day and year count both payout modes together; a mode may have tighter limits of its own."""

    single_fen: Mapping[PayoutMode, Fen] = DEFAULT_SINGLE_FEN
    day_fen: DayFen = 500_000
    year_fen: Fen = 1_000_000
    mode_day_fen: Mapping[PayoutMode, DayFen] = Field({})
    mode_year_fen: Mapping[PayoutMode, Fen] = Field({})
    draws_per_day: Count = UNLIMITED
    draws_per_month: Count = 3
    draws_per_year: Count = UNLIMITED
    interval_minutes: Minutes = 0
    ratio_percent: Percent = 80
    minimum_remainder_fen: Fen = 10_000
    note_multiple_fen: WholeYuan = 10_000
    rounding: Rounding = Rounding.DOWN
    year_start: MonthDay = "01-01"

    @field_validator("single_fen")
    @classmethod
    def _every_mode(cls, given: Mapping[PayoutMode, int]) -> Mapping[PayoutMode, int]:
        """A mode that is not named has the default."""
        return {**DEFAULT_SINGLE_FEN, **given}


class LimitChanges(Section):
    """Limits of one purpose, situation or lane: what is left out stays as it is."""

    single_fen: Mapping[PayoutMode, Fen] | None = None
    day_fen: DayFen | None = None
    year_fen: Fen | None = None
    mode_day_fen: Mapping[PayoutMode, DayFen] | None = None
    mode_year_fen: Mapping[PayoutMode, Fen] | None = None
    draws_per_day: Count | None = None
    draws_per_month: Count | None = None
    draws_per_year: Count | None = None
    interval_minutes: Minutes | None = None
    ratio_percent: Percent | None = None
    minimum_remainder_fen: Fen | None = None


class Eligibility(Section):
    """Who may. `groups` empty: everybody. Lists of codes: one of them is needed, none where the list is empty."""

    groups: tuple[Code, ...] = ()
    insured_years: Years = 0
    anniversary_of_29_february: LeapDay = LeapDay.FEBRUARY_28
    contribution_months: Natural = 0
    gap_rule: GapRule = GapRule.RESETS
    repair_within_months: Natural | None = None
    health_codes: tuple[Code, ...] = ()
    health_sources: tuple[Code, ...] = ()
    health_valid_days: Positive | None = None
    icd10: tuple[Icd10, ...] = ()
    diagnosis_valid_days: Positive = 180


class EligibilityChanges(Section):
    """Conditions of one purpose, situation or lane: what is left out stays as it is."""

    groups: tuple[Code, ...] | None = None
    insured_years: Years | None = None
    contribution_months: Natural | None = None
    gap_rule: GapRule | None = None
    repair_within_months: Natural | None = None
    health_codes: tuple[Code, ...] | None = None
    health_sources: tuple[Code, ...] | None = None
    health_valid_days: Positive | None = None
    icd10: tuple[Icd10, ...] | None = None
    diagnosis_valid_days: Positive | None = None


class Changes(Section):
    """How rules differ for one purpose, situation or lane."""

    limits: LimitChanges = LimitChanges()
    eligibility: EligibilityChanges = EligibilityChanges()
    standing_approval_fen: Fen | None = None
    documents: tuple[Code, ...] = ()
    note: Text | None = None


class PurposeRules(Changes):
    """One purpose: is it allowed, with which papers, limits and conditions. `details` empty: all."""

    allowed: Flag = True
    details: tuple[PurposeDetail, ...] = ()


class Situation(Changes):
    """A situation code of the region, such as a disaster, under which rules differ."""


class Emergency(Changes):
    """The emergency lane: higher limits on proof, and hours that may be overridden with an approved application."""

    ignore_hours: tuple[Channel, ...] = (Channel.ATM,)


class GroupRules(Section):
    """How limits differ for the members of one group, such as resettled retirees."""

    limits: LimitChanges = LimitChanges()


class CrossCity(Changes):
    """Draws between two pooling regions: may our insured draw elsewhere, may others draw here, and how rules differ."""

    outbound: Flag = True
    inbound: Flag = True


# --- money and process


class Funds(Section):
    """Parts of the balance. With `drawable_before` only credits before that day may be drawn."""

    drawable_before: date | None = None
    order: tuple[FundPart, ...] = (FundPart.CARRIED_OVER, FundPart.CURRENT_YEAR)

    @model_validator(mode="after")
    def _names_every_part_once(self) -> "Funds":
        if sorted(self.order) != sorted(FundPart):
            raise ValueError(f"order names each of {', '.join(FundPart)} once")
        return self


class Ceilings(Section):
    """What the whole region pays at most; none where left out."""

    day_fen: Fen | None = None
    year_fen: Fen | None = None


class Approval(Section):
    """Applications: needed, unless a draw stays within the standing approval (0: there is none)."""

    standing_approval_fen: Fen = 0
    validity_days: Positive = 90
    low_balance: LowBalance = LowBalance.WARN


class Review(Section):
    """How applications are decided. `instant`: by rules alone where no human judgement is needed.

    `filing_days`: how long the person has to hand in what is missing; an emergency is decided before.
    """

    working_days: Positive = 2
    emergency_hours: Positive = 4
    filing_days: Positive = 10
    instant: Flag = False
    instant_up_to_fen: Fen = 0
    four_eyes_from_fen: Fen = 500_000
    step_up_from_fen: Fen = 500_000
    appeal_within_days: Positive = 60
    appeal_working_days: Positive = 10


class Settlement(Section):
    """After the payout: invoices, extension, dunning, recovery."""

    due_days: Positive = 60
    extension_days: Positive = 30
    extensions: Natural = 1
    reminder_days_before: Natural = 7
    mark_days_after: Natural = 15
    recover_days_after: Natural = 30
    block_while_overdue: Flag = True

    @model_validator(mode="after")
    def _recovers_after_it_marks(self) -> "Settlement":
        if self.recover_days_after < self.mark_days_after:
            raise ValueError("recover_days_after lies before mark_days_after")
        return self


class Card(Section):
    """What happens to cards at the terminal."""

    pin_tries: Annotated[StrictInt, Field(gt=0, le=9)] = 3
    pin_tries_renew_daily: Flag = False
    capture_codes: tuple[Annotated[str, Field(pattern=r"^(0[1-9A-Z]|[1-9A-Z][0-9A-Z])$")], ...] = (
        "04", "07", "33", "34", "35", "36", "37", "38", "41", "43", "67",
    )  # fmt: skip
    second_pin_on_chip: Flag = False
    track2_fallback: Flag = False

    @model_validator(mode="after")
    def _keeps_cards_for_a_reason(self) -> "Card":
        for code in self.capture_codes:
            if treatment_of(code) not in (Treatment.CAPTURE, Treatment.DECLINE):
                raise ValueError(f"capture_codes: {code} is no refusal that a card can be kept for")
        return self


class Bureau(Section):
    """How one of the two bureaux is reached."""

    name: Text = "未登记"
    phone: Text = "12393"
    address: Text = "未登记"
    hours: Text = "工作日 09:00-17:00"


class Contacts(Section):
    """`medical` approves withdrawals, `social` handles cards: loss and replacement."""

    medical: Bureau = Bureau()
    social: Bureau = Bureau(phone="12333")


Channels = Annotated[tuple[Channel, ...], AfterValidator(_one_or_more)]
PayoutModes = Annotated[tuple[PayoutMode, ...], AfterValidator(_one_or_more)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")]


class Notes(Section):
    """A region's own words in one language, added to the texts that are made from the rules."""

    process: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()
    cautions: tuple[Text, ...] = ()
    use_scope: tuple[Text, ...] = ()
    names: Mapping[Code, Text] = Field({})


Bases = Mapping[Rule, Basis]
"""Where a rule stands, when that is not the policy's own `legal_basis`."""
