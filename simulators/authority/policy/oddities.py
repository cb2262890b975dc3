"""What a policy says that is allowed but hardly meant, such as a limit that another one makes pointless."""

from collections.abc import Iterator

from simulators.authority.people.numbers import PROVINCES
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import DEFAULT_SINGLE_FEN, Limits
from simulators.authority.policy.vocabulary import Channel, GapRule, PayoutMode, Purpose
from simulators.authority.policy.words import yuan


def oddities(policy: RegionPolicy) -> Iterator[str]:
    """One line for each, with the key and what it leads to; defaults that nobody wrote are not spoken of."""
    if int(policy.region[:2]) not in PROVINCES:
        yield f"region: no province of China begins with {policy.region[:2]}; is {policy.region} meant?"
    if not policy.enabled:
        return
    if not any(policy.purpose(purpose).allowed for purpose in Purpose):
        yield "purposes: none is allowed, so nobody can draw"
    yield from _of_limits(policy.limits)
    yield from _of_hours(policy)
    yield from _of_process(policy)


def _of_limits(limits: Limits) -> Iterator[str]:
    said = limits.model_fields_set
    if "year_fen" in said and limits.year_fen < limits.day_fen and "day_fen" in said:
        yield f"limits.year_fen: {yuan(limits.year_fen)} yuan a year never lets day_fen be reached"
    for mode, fen in limits.single_fen.items():
        if fen > limits.day_fen and fen != DEFAULT_SINGLE_FEN[mode]:
            yield f"limits.single_fen.{mode}: above day_fen, so {yuan(limits.day_fen)} yuan is the most at a time"
    for key, modes, whole in (
        ("mode_day_fen", limits.mode_day_fen, limits.day_fen),
        ("mode_year_fen", limits.mode_year_fen, limits.year_fen),
    ):
        for mode, fen in modes.items():
            if fen > whole:
                yield f"limits.{key}.{mode}: above the limit of both modes together, so it never counts"
    notes, cash = limits.note_multiple_fen, limits.single_fen[PayoutMode.CASH]
    if cash and cash < notes:
        yield f"limits.note_multiple_fen: nothing up to single_fen is a multiple of {yuan(notes)} yuan"
    counts = (("draws_per_day", limits.draws_per_day), ("draws_per_month", limits.draws_per_month))
    for (key, few), (longer, many) in zip(counts, (counts[1], ("draws_per_year", limits.draws_per_year)), strict=True):
        if key in said and isinstance(few, int) and isinstance(many, int) and few > many:
            yield f"limits.{key}: more than {longer}, so it never counts"


def _of_hours(policy: RegionPolicy) -> Iterator[str]:
    for channel in Channel:
        hours = policy.hours.of(channel)
        if channel not in policy.channels:
            if channel.lower() in policy.hours.model_fields_set:
                yield f"hours.{channel.lower()}: {channel} is not in channels, so these hours never count"
        elif not any((hours.working, hours.adjusted, hours.weekend, hours.holiday, *hours.weekdays.values())):
            yield f"hours.{channel.lower()}: closed on every day, so nobody can draw there"


def _of_process(policy: RegionPolicy) -> Iterator[str]:
    review, eligibility = policy.review, policy.eligibility
    if review.instant and not review.instant_up_to_fen:
        yield "review.instant: without instant_up_to_fen nothing is decided at once"
    if review.instant and review.instant_up_to_fen >= review.four_eyes_from_fen:
        yield "review.instant_up_to_fen: reaches four_eyes_from_fen; sums from there on wait for two reviewers"
    if eligibility.repair_within_months is not None and eligibility.gap_rule is GapRule.RESETS:
        yield "eligibility.repair_within_months: never counts while gap_rule is RESETS"
    settlement = policy.settlement
    if settlement.reminder_days_before >= settlement.due_days:
        yield "settlement.reminder_days_before: the reminder comes on the day of the payout"
