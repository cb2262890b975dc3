"""Fraud is caught and honest people are left in peace, on people and stories that nobody looked at before."""

from datetime import datetime, timedelta

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.supervision.fraud_set.fraud import KINDS
from simulators.authority.supervision.fraud_set.measure import BLOCKED_GOAL, CAUGHT_GOAL, measured, our_set
from simulators.authority.supervision.fraud_set.replay import replay
from simulators.authority.supervision.fraud_set.stories import Draw, Invoice, Kiosk, Somebody, Stories, Story
from simulators.authority.supervision.risk.rules import RiskBook, RiskRules

HELD_OUT = 20_261_122
AT = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


@pytest.mark.req("S1-39")
def test_fraud_is_caught_and_honest_people_are_not_blocked() -> None:
    result = measured(replay(our_set(HELD_OUT, people=100, of_each=1)))
    assert result.fraud_stories == sum(len(disguises) for disguises in KINDS.values())
    assert result.caught_share >= CAUGHT_GOAL, result.missed
    assert result.blocked_share <= BLOCKED_GOAL, result.blocked
    assert result.honest_requests > 300


def test_without_rules_nothing_is_caught() -> None:
    """So it is the rules that catch, not limits and counts."""
    none = RiskBook(RiskRules(version="none", clue_at=50, decline_at=100, rules=()))
    result = measured(replay(our_set(HELD_OUT, people=0, of_each=1), risk=none))
    assert result.fraud_caught == 0
    assert not result.good
    assert result.fraud_paid_fen > 0


def test_the_same_seed_gives_the_same_stories() -> None:
    assert our_set(3, 20, 1) == our_set(3, 20, 1)
    assert our_set(3, 20, 1) != our_set(4, 20, 1)


def test_money_is_drawn_until_the_story_is_caught() -> None:
    """Nine quick draws: five are paid."""
    events = tuple(Draw(at=AT + timedelta(minutes=n), person="p", terminal="t", fen=10_000) for n in range(9))
    stories = Stories(
        terminals={"t": "371000"},
        people={"p": Somebody(region="371000")},
        stories=(Story(name="quick", fraud=True, events=events),),
    )
    [outcome] = replay(stories)
    assert outcome.caught
    assert outcome.paid_fen == 50_000
    assert set(outcome.codes[-2:]) == {"00", "65"}  # a quote, and then the request


def test_cards_and_accounts_change_in_the_middle_of_a_story() -> None:
    """A card that is replaced is drawn from in its new form; a dead person's account pays nothing."""

    def changed(name: str, **change: object) -> Story:
        events = [
            {"do": "draw", "at": AT + timedelta(days=n), "person": name, "terminal": "t", "fen": 10_000} for n in (2, 3)
        ]
        event = {"do": "change", "at": AT + timedelta(days=1), "person": name, **change}
        return Story.model_validate({"name": name, "fraud": True, "events": [event, *events]})

    stories = Stories(
        terminals={"t": Kiosk(region="371000", provider="a shop")},
        people={name: Somebody(region="371000") for name in ("new", "dead", "lost")},
        stories=(
            changed("new", card="replaced", phone="2"),
            changed("dead", account="deceased"),
            changed("lost", card="lost"),
        ),
    )
    new, dead, lost = replay(stories)
    assert (new.codes, new.paid_fen, new.caught) == (["00"] * 4, 20_000, False)
    assert (dead.codes, dead.caught) == (["57", "57"], True)
    assert (lost.codes, lost.caught) == (["41", "41"], True)


def test_an_invoice_that_another_handed_in_proves_nothing() -> None:
    def story(name: str, day: int) -> Story:
        at = AT + timedelta(days=day)
        first = {"do": "draw", "at": at, "person": name, "terminal": "t", "fen": 10_000}
        proof = {"do": "invoice", "at": at + timedelta(days=1), "person": name, "number": "FP1"}
        again = first | {"at": at + timedelta(days=2), "fen": None, "percent": 95}
        return Story.model_validate({"name": name, "fraud": True, "events": [first, proof, again]})

    people = {name: Somebody(region="371000") for name in ("first", "second")}
    first, second = replay(
        Stories(terminals={"t": Kiosk(region="371000")}, people=people, stories=(story("first", 0), story("second", 5)))
    )
    assert first.codes[-1] == "00"
    assert second.codes[-1] == "59"
    assert "doubtful_invoices" in second.findings[-1]


def test_invoices_make_the_difference() -> None:
    """All that can be drawn, month by month: with invoices a long illness, without them something else."""

    def months(name: str, *, invoices: bool) -> Story:
        events: list[Draw | Invoice] = []
        for month in range(4):
            at = AT + timedelta(days=31 * month)
            events.append(Draw(at=at, person=name, terminal="t", percent=100))
            if invoices:
                events.append(Invoice(do="invoice", at=at + timedelta(days=20), person=name))
        return Story(name=name, fraud=not invoices, events=tuple(events))

    stories = Stories(
        terminals={"t": "440300"},
        people={name: Somebody(region="440300", balance_fen=3_000_000) for name in ("ill", "cashing")},
        stories=(months("ill", invoices=True), months("cashing", invoices=False)),
    )
    ill, cashing = replay(stories)
    assert not ill.caught
    assert not ill.limited
    assert cashing.caught or cashing.limited
