"""Money asked for online while the kiosk has an approval of the same person open."""

import pytest

from simulators.campaign.planted import PLANTED
from simulators.campaign.population import PEOPLE
from simulators.campaign.run import Run
from simulators.campaign.tape import OnlineTransfer, Tape, Visit
from terminal.journal import Entry

MEANWHILE = OnlineTransfer(yuan=500, times=2, at=Entry.DISPENSE_INTENT)
POOR = PEOPLE - 1
"""Has 700 yuan."""


def played(online: OnlineTransfer) -> Run:
    day = Run(Tape(seed=1, visits=(Visit(person=POOR, amount=200, online=online),)))
    assert day.play().violations == ()
    return day


@pytest.mark.req("S2-11")
def test_what_a_kiosk_has_on_hold_can_not_be_had_online() -> None:
    first, second = played(MEANWHILE.model_copy(update={"yuan": 300})).rig.elsewhere
    assert (first.paid_fen, second.draw_id) == (300_00, None)


def test_what_is_cancelled_online_can_be_had_again() -> None:
    first, second = played(MEANWHILE.model_copy(update={"yuan": 300, "cancelled": True})).rig.elsewhere
    assert first.draw_id is not None
    assert second.draw_id is not None


def test_a_host_for_which_holds_do_not_count_is_found_out() -> None:
    (bug,) = (each for each in PLANTED if each.id == "K102")
    with bug.plant():
        outcome = Run(Tape(seed=1, visits=(Visit(person=POOR, amount=500, online=MEANWHILE),))).play()
    assert {each.invariant for each in outcome.violations} >= {18}
