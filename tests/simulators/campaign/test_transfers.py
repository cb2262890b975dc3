"""Transfers in a campaign: paid once or not at all, told as they are, and what finds a kiosk where it is not so."""

import pytest

from simulators.campaign import run
from simulators.campaign.exhaustive import TRANSFERRING
from simulators.campaign.planted import PLANTED
from simulators.campaign.run import Run
from simulators.campaign.tape import Act, Tape, Visit
from simulators.campaign.transfers import paid_by_slip
from terminal.journal import Entry
from terminal.texts import render
from terminal.view import Fen, Words

SENT = Visit(person=0, path=TRANSFERRING, amount=0)

REPLY_LOST = Act(fault="D1", at=Entry.HOST_REPLY, options={"reply": True})

MONEY_LOST = Act(fault="D1", at=Entry.HOST_REQUEST, nth=2, options={"reply": True})
"""Of what is asked after the quote."""

SILENT = Act(fault="D24", options={"seconds": 300.0})

CLOSED = Act(fault="D25", options={"after": True})


def played(*visits: Visit) -> Run:
    """A day that breaks no rule."""
    day = Run(Tape(seed=1, visits=visits))
    assert day.play().violations == ()
    return day


@pytest.mark.req("S1-05")
def test_a_transfer_is_paid_once_and_one_whose_answer_is_lost_is_not() -> None:
    lost = SENT.model_copy(update={"person": 1, "acts": (REPLY_LOST,)})
    assert played(SENT, lost).transferred == ((50_000, 50_000), (0, 0))


@pytest.mark.parametrize("at", [None, Entry.HOST_REPLY], ids=["before the quote", "after the quote"])
def test_money_without_an_answer_comes_back_also_when_the_kiosks_clock_was_put_forward(at: Entry | None) -> None:
    """A transfer is not paid, and cash does not stay on hold."""
    forward = Act(fault="F1", at=at, options={"seconds": 177_499})
    lost = SENT.model_copy(update={"person": 1, "acts": (forward, MONEY_LOST)})
    cash = lost.model_copy(update={"person": 2, "path": (), "amount": 500})
    day = Run(Tape(seed=1, visits=(SENT, lost, cash)))

    outcome = day.play()

    assert outcome.violations == ()
    assert outcome.endings == {"transferred": 1, "no_answer": 2}
    assert day.transferred == ((50_000, 50_000), (0, 0))


@pytest.mark.req("S1-30")
def test_what_a_bank_does_not_take_at_once_it_takes_later_or_it_comes_back() -> None:
    later = SENT.model_copy(update={"acts": (SILENT,)})
    never = SENT.model_copy(update={"person": 1, "acts": (SILENT, CLOSED)})
    assert played(later, never).transferred == ((50_000, 50_000), (0, 0))


def test_whoever_is_refused_a_transfer_can_have_cash_and_whoever_got_one_can_not() -> None:
    refused = SENT.model_copy(update={"path": ("transfer", "type", "#9000", "pay"), "amount": 300})
    outcome = run.play(
        Tape(seed=1, visits=(refused, SENT.model_copy(update={"amount": 300, "path": TRANSFERRING[:4]})))
    )
    assert outcome.violations == ()
    assert outcome.endings == {"paid": 1, "transferred": 1}


@pytest.mark.parametrize(("bug", "rule"), [("K95", 4), ("K97", 17), ("K98", 5), ("K101", 2)])
def test_a_bug_of_transfers_breaks_its_rule(bug: str, rule: int) -> None:
    again = SENT.model_copy(update={"amount": 300, "path": TRANSFERRING[:4]})
    lost = SENT.model_copy(update={"person": 1, "acts": (REPLY_LOST,)})
    with next(each for each in PLANTED if each.id == bug).plant():
        outcome = run.play(Tape(seed=1, visits=(again, lost)))
    assert rule in {violation.invariant for violation in outcome.violations}


def test_a_payee_who_is_credited_for_each_copy_of_a_request_is_noticed() -> None:
    doubled = SENT.model_copy(update={"person": 1, "acts": (Act(fault="D4", at=Entry.HOST_REPLY),)})
    assert played(SENT, doubled).transferred == ((50_000, 50_000), (50_000, 50_000))
    with next(each for each in PLANTED if each.id == "K99").plant():
        outcome = run.play(Tape(seed=1, visits=(SENT, doubled)))
    assert {2, 4} <= {violation.invariant for violation in outcome.violations}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_slip_of_a_transfer_is_known_by_its_words(language: str) -> None:
    said = render(Words("transfer.done", {"amount": Fen(1_234_56)}), language)
    assert paid_by_slip(f"{said[:20]}\n{said[20:]}\n----") == "1,234.56"
    assert paid_by_slip(render(Words("transfer.reversed"), language)) is None
