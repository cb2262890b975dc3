"""Regional policy as data: one TOML file per region and version."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from simulators.authority.policy.hours import Calendar, Hours
from simulators.authority.policy.sections import (
    Approval,
    Bases,
    Card,
    Ceilings,
    Contacts,
    CrossCity,
    Eligibility,
    Emergency,
    Funds,
    GroupRules,
    Interest,
    Limits,
    Notes,
    Pilot,
    Providers,
    PurposeRules,
    Review,
    Settlement,
    Situation,
)
from simulators.authority.policy.values import (
    Basis,
    Channels,
    Code,
    Flag,
    Language,
    PayoutModes,
    RegionCode,
    Section,
    Text,
)
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, Rule, Transition

DEFAULT_PURPOSES: Mapping[Purpose, PurposeRules] = {
    purpose: PurposeRules(allowed=purpose is not Purpose.DAILY) for purpose in Purpose
}


class RegionPolicy(Section):
    """The rules of one region in one version."""

    region: RegionCode
    name: Text
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,32}$")]
    valid_from: date
    valid_to: date | None = None
    legal_basis: Basis
    enabled: Flag
    transition: Transition = Transition.KEEP
    channels: Channels = tuple(Channel)
    payout_modes: PayoutModes = tuple(PayoutMode)
    pilot: Pilot | None = None
    providers: Providers = Providers()
    cross_city: CrossCity = CrossCity()
    hours: Hours = Hours()
    calendar: Calendar = Calendar()
    purposes: Mapping[Purpose, PurposeRules] = DEFAULT_PURPOSES
    situations: Mapping[Code, Situation] = Field({})
    groups: Mapping[Code, GroupRules] = Field({})
    emergency: Emergency = Emergency()
    eligibility: Eligibility = Eligibility()
    limits: Limits = Limits()
    funds: Funds = Funds()
    interest: Interest = Interest()
    ceilings: Ceilings = Ceilings()
    approval: Approval = Approval()
    review: Review = Review()
    settlement: Settlement = Settlement()
    card: Card = Card()
    contacts: Contacts = Contacts()
    basis: Bases = Field({})
    texts: Mapping[Language, Notes] = Field({})

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "RegionPolicy":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    @model_validator(mode="after")
    def _has_a_day_of_its_pilot(self) -> "RegionPolicy":
        if self.pilot is not None:
            begins = max(self.pilot.first_day, self.valid_from)
            if begins > self.pilot.last_day or not self.in_force(begins):
                raise ValueError("the days of the pilot lie outside valid_from and valid_to")
        return self

    def in_force(self, on: date) -> bool:
        """Both days of the validity count."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def purpose(self, purpose: Purpose) -> PurposeRules:
        """The rules of a purpose; DAILY is refused where a policy says nothing about it."""
        return self.purposes.get(purpose) or DEFAULT_PURPOSES[purpose]

    def cite(self, rule: Rule) -> str:
        """Where a rule stands, and from when to when it holds."""
        return self._citations[rule]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Another policy, with some items changed; what was worked out for this one is not carried along."""
        made = super().model_copy(update=update, deep=deep)
        made.__dict__.pop("_citations", None)
        return made

    @cached_property
    def _citations(self) -> Mapping[Rule, str]:
        until = "" if self.valid_to is None else self.valid_to.isoformat()
        days = f"({self.valid_from.isoformat()}/{until})"
        return {rule: f"{self.basis.get(rule, self.legal_basis)} {days}" for rule in Rule}
