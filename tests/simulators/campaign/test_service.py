"""The service line of a campaign: pages are answered, and whatever it does, cash goes on."""

import pytest

from protocol.service_line.applications import APPLY
from protocol.service_line.invoices import INVOICE
from simulators.campaign import errands, run
from simulators.campaign.planted import PLANTED
from simulators.campaign.run import Run
from simulators.campaign.tape import Act, Tape, Visit
from terminal.journal import Entry

LOOKS = ("account", "history", "print", "menu", "application", "status", "menu")
APPLIES = (*(step.format(yuan=800) for step in errands.APPLIES), "submit", "menu")
HANDS_IN = (*(step.format(number=7, fen=12_300) for step in errands.HANDS_IN), "only_me", "menu")
LOST_ANSWER = Act(fault="D23", at=Entry.SERVICE_REQUEST)
FAULTS = ("D19", "D20", "D21", "D22", "D23")


def test_pages_are_read_with_a_card_and_without_one() -> None:
    reads = ("information", "policy", "440300", "print")
    outcome = run.play(Tape(seed=1, service_line=True, visits=(Visit(person=0, reads=reads, path=LOOKS, stars=5),)))
    assert outcome.violations == ()
    assert outcome.endings == {"paid": 1}
    assert {"information", "page", "asking", "printing_page"} <= set(outcome.states)


@pytest.mark.req("S1-42")
def test_whatever_the_service_line_does_the_kiosk_goes_on_serving() -> None:
    visits = tuple(
        Visit(person=number, path=LOOKS, amount=0, acts=(Act(fault=fault, after=9.0, options={"requests": 2}),))
        for number, fault in enumerate(FAULTS)
    )
    outcome = run.play(Tape(seed=1, service_line=True, visits=(*visits, Visit(person=7))))
    assert outcome.violations == ()
    assert set(outcome.fired) == set(FAULTS)
    assert outcome.endings["paid"] == 1
    assert "out_of_service" not in outcome.states


def test_what_is_asked_again_without_an_answer_is_there_once() -> None:
    day = (
        Visit(person=0, amount=1000, copies=True),
        Visit(person=0, path=HANDS_IN, amount=0, acts=(LOST_ANSWER,)),
        Visit(person=0, path=HANDS_IN, amount=0),
        Visit(person=1, path=APPLIES, amount=0, acts=(LOST_ANSWER,)),
    )
    one = Run(Tape(seed=1, visits=day, service_line=True))
    outcome = one.play()

    assert outcome.violations == ()
    assert outcome.fired["D23"] == 2
    assert dict(one.witness.written.done) == {APPLY.infno: 1, INVOICE.infno: 1}
    assert any(record.kind == Entry.RECEIPT_COPIED for record in one.witness.records)


def test_a_reported_card_pays_nothing_any_more() -> None:
    day = (Visit(person=2, path=errands.REPORTS, amount=0), Visit(person=2, amount=300))
    outcome = run.play(Tape(seed=1, visits=day, service_line=True))

    assert outcome.violations == ()
    assert outcome.endings == {"enquired": 1, "declined": 1}


@pytest.mark.parametrize(
    ("bug", "day"),
    [
        ("K103", (Visit(person=1, path=APPLIES, amount=0, acts=(LOST_ANSWER,)),)),
        ("K104", (Visit(person=1, path=APPLIES, amount=0, acts=(LOST_ANSWER,)),)),
        ("K105", (Visit(person=2, path=errands.REPORTS, amount=0), Visit(person=2, amount=300))),
        ("K106", (Visit(person=0, amount=1000, copies=True),)),
    ],
)
def test_what_is_done_twice_or_goes_on_paying_is_found(bug: str, day: tuple[Visit, ...]) -> None:
    planted = next(each for each in PLANTED if each.id == bug)
    with planted.plant():
        outcome = run.play(Tape(seed=1, visits=day, service_line=True))
    assert {violation.invariant for violation in outcome.violations} & set(planted.trips)
