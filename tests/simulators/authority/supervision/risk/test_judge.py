"""Every kind of rule strikes at its bound and not before it."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from protocol.money_line import ResponseCode as Code
from simulators.authority.business_time import SHANGHAI
from simulators.authority.supervision.risk.judge import Verdict, judge
from simulators.authority.supervision.risk.picture import Attempt, Earlier, Meeting, Neighbour, Picture
from simulators.authority.supervision.risk.rules import Kind, RiskRules, our_risk_rules
from simulators.authority.tables.supervision import Asked, RiskAction

AT = datetime(2026, 5, 20, 10, 0, tzinfo=SHANGHAI)
HERE, FAR = "371000", "440300"
SMALL, MOST, LIMIT = 30_000, 200_000, 200_000
ASKED = Attempt(AT, Asked.CASH, 1, "card", HERE, HERE, "K1", SMALL, MOST, (LIMIT,))


def rules(kind: Kind) -> RiskRules:
    """Ours, of one kind."""
    ours = our_risk_rules().of(HERE)
    return ours.model_copy(update={"rules": tuple(rule for rule in ours.rules if rule.kind is kind)})


def earlier(number: int, *, minutes: int = 1, **values: Any) -> tuple[Earlier, ...]:
    """So many earlier draws, `minutes` apart, newest first."""
    model = Earlier(AT, Asked.CASH, "K1", HERE, SMALL, MOST, "00", RiskAction.PASS, 1, SMALL)
    found = []
    for n in range(number):
        changes: dict[str, Any] = {"at": AT - timedelta(minutes=minutes * (n + 1)), "draw_id": n + 1, **values}
        found.append(replace(model, **changes))
    return tuple(found)


def neighbours(
    number: int, *, minutes: float = 1, code: str = "00", fen: int = SMALL, home: str = HERE, at: datetime = AT
) -> tuple[Neighbour, ...]:
    """So many other cards at the terminal."""
    return tuple(
        Neighbour(at - timedelta(minutes=minutes * (n + 1)), Asked.CASH, 100 + n, f"other {n}", fen, MOST, code, home)
        for n in range(number)
    )


def points(kind: Kind, picture: Picture) -> int:
    return judge(rules(kind), picture).points


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(("before", "expected"), [(2, 0), (3, 40), (4, 40), (5, 100)])
def test_velocity_counts_what_one_person_asks_for_in_an_hour(before: int, expected: int) -> None:
    assert points(Kind.VELOCITY, Picture(ASKED, earlier(before, minutes=10))) == expected


def test_velocity_is_answered_as_too_often() -> None:
    assert judge(rules(Kind.VELOCITY), Picture(ASKED, earlier(9))).code is Code.OVER_COUNT


@pytest.mark.parametrize("code", ["13", "51", "61"])
def test_asking_for_less_after_a_refused_amount_is_no_haste(code: str) -> None:
    assert points(Kind.VELOCITY, Picture(ASKED, earlier(9, code=code))) == 0


def test_quotes_are_no_haste_either() -> None:
    assert points(Kind.VELOCITY, Picture(ASKED, earlier(9, asked=Asked.QUOTE))) == 0


@pytest.mark.parametrize(("terminals", "expected"), [(2, 0), (3, 50), (4, 100)])
def test_one_person_at_many_terminals_in_a_day(terminals: int, expected: int) -> None:
    before = tuple(replace(each, terminal=f"K{n + 2}") for n, each in enumerate(earlier(terminals - 1)))
    assert points(Kind.MANY_TERMINALS, Picture(ASKED, before)) == expected


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(("hours", "expected"), [(1, 100), (3, 60), (5, 0)])
def test_one_card_is_not_in_two_cities_at_once(hours: int, expected: int) -> None:
    """Weihai to Shenzhen takes more than four hours."""
    picture = Picture(ASKED, earlier(1, minutes=60 * hours, place=FAR, asked=Asked.QUOTE))
    assert points(Kind.FAR_APART, picture) == expected


def test_people_at_a_border_walk_across_and_are_only_a_clue() -> None:
    """Weihai and Yantai are neighbours, their centres 60 km apart; Jinan is 450 km away."""
    in_yantai, in_jinan = (Picture(ASKED, earlier(1, minutes=10, place=place)) for place in ("370600", "370100"))

    assert judge(rules(Kind.FAR_APART), in_yantai).action is RiskAction.CLUE
    assert judge(rules(Kind.FAR_APART), in_jinan).action is RiskAction.DECLINE


@pytest.mark.parametrize(("place", "expected"), [("371082", 0), (FAR, 100)])
def test_clocks_that_differ_make_no_journey_within_a_pooling_region(place: str, expected: int) -> None:
    """The earlier request was stamped by a process whose clock is two seconds ahead; 371082 is a town of Weihai."""
    assert points(Kind.FAR_APART, Picture(ASKED, earlier(1, at=AT + timedelta(seconds=2), place=place))) == expected


def test_a_wrong_pin_far_away_does_not_say_that_the_holder_was_there() -> None:
    assert points(Kind.FAR_APART, Picture(ASKED, earlier(1, place=FAR, code="55"))) == 0


def test_a_transfer_from_home_is_no_journey() -> None:
    assert points(Kind.FAR_APART, Picture(replace(ASKED, terminal=None), earlier(1, place=FAR))) == 0


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("cards", "fen", "expected"),
    [(4, MOST, 60), (5, MOST, 100), (6, MOST // 2, 0), (7, MOST // 2, 100), (11, SMALL, 0), (12, SMALL, 60)],
)
def test_many_cards_at_one_terminal_that_take_all_they_can(cards: int, fen: int, expected: int) -> None:
    """A queue of people with small sums is a queue; a bundle of cards that are emptied is none."""
    asked = replace(ASKED, amount_fen=fen)
    assert points(Kind.MANY_CARDS, Picture(asked, neighbours=neighbours(cards - 1, fen=fen))) == expected


@pytest.mark.parametrize(("strangers", "expected"), [(6, 60), (7, 100)])
def test_a_quick_queue_is_a_clue_unless_most_come_from_elsewhere(strangers: int, expected: int) -> None:
    others = (*neighbours(strangers, home=FAR), *neighbours(11)[strangers:])
    assert points(Kind.MANY_CARDS, Picture(ASKED, neighbours=others)) == expected


def test_a_queue_in_which_some_take_little_is_no_bundle() -> None:
    mixed = tuple(
        replace(each, amount_fen=SMALL if n % 3 == 0 else MOST) for n, each in enumerate(neighbours(10, minutes=2))
    )
    assert points(Kind.MANY_CARDS, Picture(replace(ASKED, amount_fen=MOST), neighbours=mixed)) == 0


@pytest.mark.parametrize(("minutes", "cards", "expected"), [(30, 5, 0), (30, 6, 100), (50, 6, 0)])
def test_cards_that_are_emptied_at_one_terminal_for_hours(minutes: int, cards: int, expected: int) -> None:
    others = neighbours(cards - 1, minutes=minutes, fen=MOST)
    assert points(Kind.MANY_CARDS, Picture(replace(ASKED, amount_fen=MOST), neighbours=others)) == expected


@pytest.mark.parametrize(("at", "expected"), [("22:59", 0), ("23:00", 100), ("04:59", 100), ("05:00", 0)])
def test_at_night_few_cards_are_many(at: str, expected: int) -> None:
    night = datetime.combine(AT.date(), time.fromisoformat(at), SHANGHAI)
    others = neighbours(3, minutes=3, fen=MOST // 2, at=night)
    assert (
        points(Kind.MANY_CARDS, Picture(replace(ASKED, at=night, amount_fen=MOST // 2), neighbours=others)) == expected
    )


def test_whoever_comes_after_a_bundle_of_cards_does_not_belong_to_it() -> None:
    late = replace(ASKED, at=AT + timedelta(minutes=7), amount_fen=MOST)
    assert points(Kind.MANY_CARDS, Picture(late, neighbours=neighbours(5, fen=MOST))) == 0


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("fen", "before", "expected"), [(50_000, 2, 0), (50_000, 3, 70), (50_000, 4, 100), (20_000, 4, 0)]
)
def test_a_sum_in_pieces(fen: int, before: int, expected: int) -> None:
    """Little by little is no offence where it stays little."""
    picture = Picture(replace(ASKED, amount_fen=fen), earlier(before, minutes=10, amount_fen=fen))
    assert points(Kind.PIECES, picture) == expected


@pytest.mark.parametrize(
    ("others", "days", "terminal", "home", "fen", "expected"),
    [
        (5, 6, "K1", HERE, MOST, 0),  # neighbours at their own kiosk
        (2, 2, "K2", HERE, SMALL, 60),
        (4, 2, "K2", HERE, SMALL, 100),  # they go about together
        (2, 1, "K1", FAR, MOST, 0),
        (5, 6, "K1", FAR, SMALL, 0),  # patients from elsewhere at the kiosk of their hospital
        (2, 2, "K1", FAR, MOST, 100),
        (1, 2, "K1", FAR, MOST, 0),
        (1, 2, "K2", FAR, SMALL, 70),
        (2, 1, "K2", FAR, SMALL, 100),
        (1, 3, None, FAR, SMALL, 0),
        (1, 3, None, FAR, MOST, 100),
        (2, 2, None, FAR, MOST, 100),
        (2, 2, None, HERE, MOST, 0),
    ],
)
def test_those_who_come_together_again_and_again(
    others: int, days: int, terminal: str | None, home: str, fen: int, expected: int
) -> None:
    """Neighbours who meet are no ring; strangers who meet again in another place are one."""
    meetings = tuple(
        Meeting(100 + n, f"2026-04-{day + 1:02d}", 5, terminal) for n in range(others) for day in range(days)
    )
    picture = Picture(replace(ASKED, amount_fen=fen), neighbours=neighbours(5, home=home), meetings=meetings)
    assert points(Kind.COMPANIONS, picture) == expected
    assert points(Kind.COMPANIONS, replace(picture, household=frozenset(range(100, 105)))) == 0


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("taken", "hours", "percent", "expected"),
    [(0, 1, 100, 0), (1, 1, 100, 80), (2, 1, 100, 100), (2, 97, 100, 0), (2, 1, 84, 0)],
)
def test_another_phone_account_or_card_and_then_everything(taken: int, hours: int, percent: int, expected: int) -> None:
    picture = Picture(
        replace(ASKED, amount_fen=MOST * percent // 100),
        earlier(taken, minutes=20, amount_fen=MOST),
        changed_at=AT - timedelta(hours=hours),
    )
    assert points(Kind.CHANGED, picture) == expected


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("taken", "terminal", "small", "expected"),
    [(0, "K2", 10, 0), (1, "K2", 10, 80), (2, "K2", 10, 100), (2, "K1", 10, 0), (2, "K2", 11, 0)],
)
def test_a_small_sum_at_one_terminal_and_then_everything_at_others(
    taken: int, terminal: str, small: int, expected: int
) -> None:
    trial = replace(earlier(1, amount_fen=MOST * small // 100, terminal=terminal)[0], at=AT - timedelta(hours=10))
    picture = Picture(replace(ASKED, amount_fen=MOST), (*earlier(taken, minutes=20, amount_fen=MOST), trial))
    assert points(Kind.TRIAL, picture) == expected


@pytest.mark.parametrize(("invoices", "expected"), [(0, 0), (1, 70), (2, 100)])
def test_invoices_that_another_had_handed_in(invoices: int, expected: int) -> None:
    doubtful = (AT - timedelta(days=3),) * invoices
    assert points(Kind.DOUBTFUL_INVOICES, Picture(replace(ASKED, amount_fen=MOST), doubtful_at=doubtful)) == expected


@pytest.mark.parametrize(("persons", "expected"), [(1, 0), (2, 60), (3, 100)])
def test_one_payee_for_many_persons(persons: int, expected: int) -> None:
    verdict = judge(rules(Kind.SHARED_PAYEE), Picture(ASKED, payee_persons=persons))
    assert verdict.points == expected
    assert persons < 3 or verdict.code is Code.NOT_PERMITTED_HOLDER


@pytest.mark.parametrize(("persons", "expected"), [(4, 0), (5, 60), (7, 100)])
def test_one_phone_for_more_people_than_a_family_has(persons: int, expected: int) -> None:
    assert points(Kind.SHARED_PHONE, Picture(ASKED, phone_persons=persons)) == expected


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("fen", "before", "expected"),
    [(190_000, 1, 0), (190_000, 2, 60), (190_000, 3, 100), (200_000, 9, 0), (160_000, 9, 0)],
)
def test_sums_just_under_a_limit(fen: int, before: int, expected: int) -> None:
    """All that a limit allows is allowed; a habit of staying just under it is not."""
    picture = Picture(replace(ASKED, amount_fen=fen), earlier(before, minutes=1440 * 5, amount_fen=fen))
    assert points(Kind.SPLITTING, picture) == expected


@pytest.mark.req("S1-39")
@pytest.mark.parametrize(
    ("number", "proven", "expected"),
    [
        (1, frozenset[int](), 0),
        (2, frozenset[int](), 70),
        (3, frozenset[int](), 100),
        (3, frozenset((1, 2, 3)), 0),
        (3, None, 0),
    ],
)
def test_everything_again_and_again_without_an_invoice(
    number: int, proven: frozenset[int] | None, expected: int
) -> None:
    asked = replace(ASKED, amount_fen=MOST)
    before = earlier(number, minutes=1440 * 30, amount_fen=MOST)
    assert points(Kind.REPEATED_MAXIMUM, Picture(asked, before, proven=proven)) == expected


def test_invoices_may_take_their_time() -> None:
    asked = replace(ASKED, amount_fen=MOST)
    before = earlier(2, minutes=1440 * 2, amount_fen=MOST)
    assert points(Kind.REPEATED_MAXIMUM, Picture(asked, before, proven=frozenset())) == 0
    before = earlier(3, minutes=1440 * 2, amount_fen=MOST)
    assert points(Kind.REPEATED_MAXIMUM, Picture(asked, before, proven=frozenset())) == 70


@pytest.mark.req("S1-39")
@pytest.mark.parametrize(("months", "expected"), [(2, 0), (3, 70), (4, 100)])
def test_everything_within_two_days_of_every_credit(months: int, expected: int) -> None:
    credits_at = tuple(AT - timedelta(days=30 * n, hours=3) for n in range(8))
    before = earlier(months - 1, minutes=1440 * 30, amount_fen=MOST)
    picture = Picture(replace(ASKED, amount_fen=MOST), before, credited_at=credits_at)
    assert points(Kind.AFTER_CREDIT, picture) == expected


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("cards", "code", "expected"), [(3, "55", 0), (4, "55", 70), (6, "55", 100), (2, "41", 0), (3, "41", 100)]
)
def test_cards_of_others_tried_at_one_terminal(cards: int, code: str, expected: int) -> None:
    assert points(Kind.WRONG_CARDS, Picture(ASKED, neighbours=neighbours(cards, code=code))) == expected


def test_who_mistypes_and_is_then_paid_had_no_card_of_others() -> None:
    tried = neighbours(8, code="55", minutes=4)
    assert points(Kind.WRONG_CARDS, Picture(ASKED, neighbours=(*neighbours(6, minutes=3.5), *tried))) == 0


@pytest.mark.req("S1-17")
def test_repeated_refusals_of_one_person_are_a_clue() -> None:
    verdict = judge(our_risk_rules().of(HERE), Picture(ASKED, earlier(3, code="57", draw_id=None)))
    assert verdict.action is RiskAction.CLUE
    assert not verdict.stops


def test_weak_signs_add_up() -> None:
    asked = replace(ASKED, amount_fen=MOST)
    verdict = judge(our_risk_rules().of(HERE), Picture(asked, neighbours=neighbours(3, fen=MOST), payee_persons=2))
    assert {finding.kind for finding in verdict.findings} == {Kind.MANY_CARDS, Kind.SHARED_PAYEE, Kind.ASKS_THE_MOST}
    assert verdict.action is RiskAction.DECLINE


def test_nothing_known_is_no_offence() -> None:
    assert judge(our_risk_rules().of(HERE), Picture(ASKED)) == Verdict(
        RiskAction.PASS, Code.APPROVED, 0, (), our_risk_rules().of(HERE).version
    )
