"""The risk rules themselves: what each kind measures in a picture, and the verdict of all together.

Of the rules of one kind the one with most points counts; the points of all kinds are added.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision.risk import rules as r
from simulators.authority.supervision.risk.geography import distance_km, journey_hours
from simulators.authority.supervision.risk.picture import Attempt, Earlier, Neighbour, Picture
from simulators.authority.tables.supervision import Asked, RiskAction

CARD_OR_PIN: Final = frozenset(("14", "38", "41", "43", "55", "75"))
"""Refusals of somebody who should not have the card."""

STOLEN: Final = frozenset(("14", "41", "43"))
"""Of them those that have nothing to do with a PIN."""

AMOUNT: Final = frozenset(("13", "51", "61"))
"""Refusals after which people ask for less."""

NOT_THERE: Final = frozenset(("14", "30", "38", "55", "75", "99"))
"""Answers that do not say that the holder of the card was there."""

STANDING: Final = frozenset(("41", "57", "58", "59", "62", "65"))
"""Refusals that stay as they are, however often one asks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that struck: its kind, its points, and what it measured."""

    kind: r.Kind
    points: int
    value: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows; `code` is the answer where nothing is paid."""

    action: RiskAction
    code: Code
    points: int
    findings: tuple[Finding, ...]
    version: str

    @property
    def stops(self) -> bool:
        """Is nothing paid?"""
        return self.action in (RiskAction.DECLINE, RiskAction.UNFINISHED)


def judge(rules: r.RiskRules, picture: Picture) -> Verdict:
    """Ask every rule."""
    struck: dict[r.Kind, tuple[Finding, r.Rule]] = {}
    for rule in rules.rules:
        value = _measure(rule, picture)
        if value is not None and (rule.kind not in struck or struck[rule.kind][1].points < rule.points):
            struck[rule.kind] = (Finding(rule.kind, rule.points, value), rule)
    points = sum(finding.points for finding, _ in struck.values())
    action, code = RiskAction.PASS, Code.APPROVED
    if points >= rules.decline_at:
        action, code = RiskAction.DECLINE, max(struck.values(), key=lambda each: each[1].points)[1].answer
    elif points >= rules.clue_at:
        action = RiskAction.CLUE
    return Verdict(action, code, points, tuple(finding for finding, _ in struck.values()), rules.version)


def _measure(rule: r.Rule, picture: Picture) -> str | None:
    """What the rule measured, in words of figures; None when it does not strike."""
    return _MEASURES[rule.kind](rule, picture)


def _velocity(rule: r.Velocity, picture: Picture) -> str | None:
    attempt, percent = picture.attempt, rule.asking_percent or 0
    if attempt.percent < percent:
        return None
    counted = 1 + sum(
        each.asked is not Asked.QUOTE and each.code not in AMOUNT and each.percent >= percent
        for each in _since(picture, timedelta(minutes=rule.minutes))
    )
    return _enough(counted, rule.at_least)


def _many_terminals(rule: r.ManyTerminals, picture: Picture) -> str | None:
    asked = [
        each.terminal for each in _since(picture, timedelta(minutes=rule.minutes)) if each.asked is not Asked.QUOTE
    ]
    terminals = {picture.attempt.terminal, *asked} - {None}
    return _enough(len(terminals), rule.at_least)


def _far_apart(rule: r.FarApart, picture: Picture) -> str | None:
    attempt = picture.attempt
    if attempt.terminal is None:
        return None
    for each in picture.earlier:
        if each.terminal is None or each.code in NOT_THERE:
            continue
        needed = journey_hours(each.place, attempt.place)
        hours = max(0.0, (attempt.at - each.at).total_seconds() / 3600)  # clocks of two processes may differ
        if hours * 100 < needed * rule.percent and distance_km(each.place, attempt.place) >= rule.from_km:
            return f"{needed:.1f} h of journey in {hours:.1f} h"
        if hours > _LONGEST_JOURNEY:
            break
    return None


_LONGEST_JOURNEY: Final = 12.0


def _many_cards(rule: r.ManyCards, picture: Picture) -> str | None:
    attempt, percent = picture.attempt, rule.asking_percent or 0
    if attempt.terminal is None or not rule.holds_at(attempt.at.time()):
        return None
    if attempt.percent < percent or attempt.amount_fen < rule.from_fen:
        return None
    since = attempt.at - timedelta(minutes=rule.minutes)
    every = [
        each for each in picture.neighbours if each.at >= since and each.asked is not Asked.QUOTE and each.card_index
    ]
    asked = [each for each in every if each.percent >= percent and (each.amount_fen or 0) >= rule.from_fen]
    if not asked or attempt.at - asked[0].at > _pause(rule, asked):
        return None  # whoever comes after them does not belong to them
    cards = {attempt.card_index} | {each.card_index for each in asked}
    if len(cards) * 100 < (rule.among_percent or 0) * len(cards | {each.card_index for each in every}):
        return None
    here = pooling_region(attempt.place)
    homes = {attempt.card_index: attempt.home} | {each.card_index: each.home for each in asked}
    away = sum(home is not None and pooling_region(home) != here for home in homes.values())
    if away * 100 < (rule.away_percent or 0) * len(cards):
        return None
    return _enough(len(cards), rule.at_least)


def _pause(rule: r.ManyCards, asked: Sequence[Neighbour]) -> timedelta:
    """How long after the last of these cards another one may be of the same hand: by the rule, and by their pace."""
    longest = max((later.at - each.at for later, each in pairwise(asked)), default=timedelta())
    by_rule = timedelta(minutes=2 * rule.minutes / rule.at_least)
    return min(by_rule, 3 * longest) if longest else by_rule


def _companions(rule: r.Companions, picture: Picture) -> str | None:
    attempt = picture.attempt
    if attempt.percent < (rule.asking_percent or 0):
        return None
    since = attempt.at - timedelta(minutes=rule.minutes)
    here = {
        each.person_id
        for each in picture.neighbours
        if each.at >= since
        and each.asked is not Asked.QUOTE
        and not (rule.strangers and _are_neighbours(each, attempt))
    } - picture.household
    days: dict[int, set[str]] = {}
    for meeting in picture.meetings:
        if meeting.other not in here or meeting.minutes > rule.minutes:
            continue
        if (rule.city or meeting.terminal is not None) and not (rule.moving and meeting.terminal == attempt.terminal):
            days.setdefault(meeting.other, set()).add(meeting.day)
    return _enough(sum(len(each) >= rule.days for each in days.values()), rule.at_least)


def _are_neighbours(other: Neighbour, attempt: Attempt) -> bool:
    return other.home is None or pooling_region(other.home) == pooling_region(attempt.home)


def _splitting(rule: r.Splitting, picture: Picture) -> str | None:
    attempt = picture.attempt
    amounts = [attempt.amount_fen] + [
        each.amount_fen or 0
        for each in _since(picture, timedelta(days=rule.days))
        if each.asked is not Asked.QUOTE and each.code not in AMOUNT
    ]
    for limit in attempt.limits_fen:
        under = [fen for fen in amounts if limit * rule.from_percent <= fen * 100 and fen < limit]
        if attempt.amount_fen in under and (found := _enough(len(under), rule.at_least)):
            return f"{found} under {limit} fen"
    return None


def _pieces(rule: r.Pieces, picture: Picture) -> str | None:
    attempt = picture.attempt
    amounts = [attempt.amount_fen] + [
        each.amount_fen or 0
        for each in _since(picture, timedelta(minutes=rule.minutes))
        if each.asked is not Asked.QUOTE and each.code not in AMOUNT
    ]
    limit = min(attempt.limits_fen, default=0)
    pieces = [fen for fen in amounts if fen * 2 < limit]
    if attempt.amount_fen not in pieces or sum(pieces) * 100 < limit * rule.from_percent:
        return None
    return _enough(len(pieces), rule.at_least)


def _repeated_maximum(rule: r.RepeatedMaximum, picture: Picture) -> str | None:
    attempt = picture.attempt
    if picture.proven is None or attempt.percent < rule.asking_percent:
        return None
    due = attempt.at - timedelta(days=rule.grace_days)
    unproven = sum(
        each.at <= due
        and bool(each.paid_fen)
        and each.percent >= rule.asking_percent
        and each.draw_id not in picture.proven
        for each in _since(picture, timedelta(days=rule.days))
    )
    return _enough(unproven, rule.at_least)


def _after_credit(rule: r.AfterCredit, picture: Picture) -> str | None:
    attempt = picture.attempt
    if attempt.percent < rule.asking_percent:
        return None
    within = timedelta(hours=rule.hours)
    draws = [attempt.at] + [
        each.at for each in picture.earlier if each.draw_id is not None and each.percent >= rule.asking_percent
    ]
    drawn = [any(credit <= draw <= credit + within for draw in draws) for credit in picture.credited_at[: rule.of_last]]
    if not drawn or not drawn[0]:
        return None
    return _enough(sum(drawn), rule.at_least)


def _wrong_cards(rule: r.WrongCards, picture: Picture) -> str | None:
    since = picture.attempt.at - timedelta(minutes=rule.minutes)
    codes = STOLEN if rule.stolen else CARD_OR_PIN
    cards = {each.card_index for each in picture.neighbours if each.at >= since and each.code in codes}
    paid = {each.card_index for each in picture.neighbours if each.at >= since and each.code == Code.APPROVED}
    return _enough(len(cards - paid - {picture.attempt.card_index}), rule.at_least)


def _repeated_refusals(rule: r.RepeatedRefusals, picture: Picture) -> str | None:
    refused = sum(each.code in STANDING for each in _since(picture, timedelta(minutes=rule.minutes)))
    return _enough(refused, rule.at_least)


def _changed(rule: r.Changed, picture: Picture) -> str | None:
    attempt, changed = picture.attempt, picture.changed_at
    if changed is None or attempt.percent < rule.asking_percent or attempt.at - changed > timedelta(hours=rule.hours):
        return None
    taken = 1 + sum(
        each.at >= changed and each.draw_id is not None and each.percent >= rule.asking_percent
        for each in picture.earlier
    )
    return _enough(taken, rule.at_least)


def _trial(rule: r.Trial, picture: Picture) -> str | None:
    attempt = picture.attempt
    if attempt.percent < rule.asking_percent:
        return None
    taken = 1
    for each in _since(picture, timedelta(hours=rule.hours)):
        if each.draw_id is None:
            continue
        if each.percent >= rule.asking_percent:
            taken += 1
        elif each.percent <= rule.small_percent and each.terminal != attempt.terminal:
            return _enough(taken, rule.at_least)
    return None


def _doubtful_invoices(rule: r.DoubtfulInvoices, picture: Picture) -> str | None:
    if picture.attempt.percent < rule.asking_percent:
        return None
    since = picture.attempt.at - timedelta(days=rule.days)
    return _enough(sum(at >= since for at in picture.doubtful_at), rule.at_least)


def _since(picture: Picture, span: timedelta) -> Iterable[Earlier]:
    since = picture.attempt.at - span
    return (each for each in picture.earlier if each.at >= since)


def _enough(counted: int, at_least: int) -> str | None:
    return str(counted) if counted >= at_least else None


def _asks_the_most(rule: r.AsksTheMost, picture: Picture) -> str | None:
    percent = picture.attempt.percent
    return f"{percent} %" if percent >= rule.asking_percent else None


_MEASURES: Final[Mapping[r.Kind, Callable[..., str | None]]] = {
    r.Kind.VELOCITY: _velocity,
    r.Kind.MANY_TERMINALS: _many_terminals,
    r.Kind.FAR_APART: _far_apart,
    r.Kind.MANY_CARDS: _many_cards,
    r.Kind.COMPANIONS: _companions,
    r.Kind.SHARED_PAYEE: lambda rule, picture: _enough(picture.payee_persons, rule.at_least),
    r.Kind.SHARED_PHONE: lambda rule, picture: _enough(picture.phone_persons, rule.at_least),
    r.Kind.SPLITTING: _splitting,
    r.Kind.PIECES: _pieces,
    r.Kind.REPEATED_MAXIMUM: _repeated_maximum,
    r.Kind.AFTER_CREDIT: _after_credit,
    r.Kind.WRONG_CARDS: _wrong_cards,
    r.Kind.REPEATED_REFUSALS: _repeated_refusals,
    r.Kind.ASKS_THE_MOST: _asks_the_most,
    r.Kind.CHANGED: _changed,
    r.Kind.TRIAL: _trial,
    r.Kind.DOUBTFUL_INVOICES: _doubtful_invoices,
}
