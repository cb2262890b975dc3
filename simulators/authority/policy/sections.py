"""The tables of a policy file, one model each; `RegionPolicy` puts them together.

A key that is left out has the default given here. `docs/policy.md` describes every key; a test reads its example.
Amounts are fen.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt, field_validator, model_validator

from protocol.money_line import Treatment, treatment_of
from simulators.authority.policy.hours import DayHours
from simulators.authority.policy.values import (
    UNLIMITED,
    Basis,
    BasisPoints,
    Code,
    Count,
    DayFen,
    Fen,
    Flag,
    Icd10,
    Merchant,
    Minutes,
    MonthDay,
    Natural,
    Percent,
    Positive,
    Quota,
    Section,
    Text,
    WholeYuan,
    YearDays,
    Years,
)
from simulators.authority.policy.vocabulary import (
    Channel,
    FundPart,
    GapRule,
    LeapDay,
    LowBalance,
    PayoutMode,
    PurposeDetail,
    Rounding,
    Rule,
)


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


class Interest(Section):
    """What a personal account earns in a year, and the days on which that is credited; nothing where there are none."""

    annual_basis_points: BasisPoints = 0
    credited_on: YearDays = ()
    rounding: Rounding = Rounding.DOWN

    @model_validator(mode="after")
    def _is_credited_on_some_day(self) -> "Interest":
        if self.annual_basis_points and not self.credited_on:
            raise ValueError('nothing is ever credited; name a day of the year, credited_on = ["07-01"]')
        return self

    def is_due(self, on: date) -> bool:
        """Is interest credited on this day?"""
        return f"{on:%m-%d}" in self.credited_on


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


class Notes(Section):
    """A region's own words in one language, added to the texts that are made from the rules."""

    process: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()
    cautions: tuple[Text, ...] = ()
    use_scope: tuple[Text, ...] = ()
    names: Mapping[Code, Text] = Field({})


Bases = Mapping[Rule, Basis]
"""Where a rule stands, when that is not the policy's own `legal_basis`."""
