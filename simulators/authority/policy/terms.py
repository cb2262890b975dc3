"""What one region's policy says to one case: its base rules, then cross-city, groups, purpose, situation and lane."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Changes, Eligibility, GroupRules, Limits, PurposeRules
from simulators.authority.policy.values import Section
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Case:
    """What the draw or application is about, once it is clear whether an application stands behind it."""

    purpose: Purpose
    detail: PurposeDetail | None
    situation: str | None
    mode: PayoutMode
    channel: Channel
    between_cities: bool
    approved: bool = False
    proven: bool = False
    groups: frozenset[str] = frozenset()

    @property
    def is_emergency(self) -> bool:
        """Does the emergency lane apply?"""
        return self.purpose is Purpose.EMERGENCY


@dataclass(frozen=True, slots=True)
class Terms:
    """One policy as it reads for one case."""

    policy: RegionPolicy
    purpose: PurposeRules
    limits: Limits
    eligibility: Eligibility
    standing_approval_fen: int
    documents: tuple[str, ...]
    hours_overridden: bool

    @property
    def region(self) -> str:
        """The pooling region's code, as its policy gives it."""
        return self.policy.region


def case_of(ask: Ask, facts: Facts, *, between_cities: bool) -> Case:
    """An application's own words count; those of the request where there is none."""
    told = facts.application
    if told is None:
        return Case(ask.purpose, ask.detail, ask.situation, ask.mode, ask.channel, between_cities, groups=facts.groups)
    return Case(
        told.purpose,
        told.detail,
        told.situation,
        ask.mode,
        ask.channel,
        between_cities,
        approved=True,
        proven=told.proof,
        groups=facts.groups,
    )


def terms_of(policy: RegionPolicy, case: Case) -> Terms:
    """Base rules, then those of cross-city, groups, purpose, situation and, for a proven emergency, the lane.

    The later word counts; of several groups those later in the file.
    """
    purpose = policy.purpose(case.purpose)
    situation = None if case.situation is None else policy.situations.get(case.situation)
    between = [policy.cross_city] if case.between_cities else []
    own = [rules for group, rules in policy.groups.items() if group in case.groups]
    said: list[Changes] = [purpose] if situation is None else [purpose, situation]
    if case.is_emergency and case.proven:
        said.append(policy.emergency)
    limits, eligibility, standing = policy.limits, policy.eligibility, policy.approval.standing_approval_fen
    documents: dict[str, None] = {}
    bounds: list[GroupRules | Changes] = [*between, *own, *said]
    for rules in bounds:
        limits = _changed(limits, rules.limits)
    for changes in (*between, *said):
        eligibility = _changed(eligibility, changes.eligibility)
        if changes.standing_approval_fen is not None:
            standing = changes.standing_approval_fen
        documents |= dict.fromkeys(changes.documents)
    overridden = case.is_emergency and case.approved and case.channel in policy.emergency.ignore_hours
    return Terms(policy, purpose, limits, eligibility, standing, tuple(documents), overridden)


def _changed(base: S, changes: Section) -> S:
    """The section with what the changes name; of amounts per payout mode, each mode by itself."""
    if not changes.model_fields_set:
        return base
    update: dict[str, object] = {}
    for name in changes.model_fields_set:
        value, old = getattr(changes, name), getattr(base, name)
        if value is not None:
            update[name] = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return base.model_copy(update=update)
