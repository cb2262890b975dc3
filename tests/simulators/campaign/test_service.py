"""The service line of a campaign: pages are answered, and whatever it does, cash goes on."""

import pytest

from simulators.campaign import run
from simulators.campaign.tape import Act, Tape, Visit

LOOKS = ("account", "history", "print", "menu", "application", "status", "menu")
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
