"""The onlooker finds what is said wrong, also where notes and books agree."""

import asyncio
from contextlib import AbstractContextManager
from typing import Any

import pytest

from simulators.campaign import run
from simulators.campaign.moments import Subject
from simulators.campaign.planted import PLANTED
from simulators.campaign.planted.bug import changed
from simulators.campaign.tape import Act, OnlineTransfer, Tape, Visit
from simulators.world.fault_options import Option
from terminal import startup, views, withdrawal
from terminal.host_clock import HostClock
from terminal.journal import Entry
from terminal.view import Screen

# A run has a virtual-time loop of its own, so these tests are not asynchronous.

DAY = Tape(seed=5, dispenser="fujitsu-f56", visits=(Visit(person=0, amount=300), Visit(person=1, amount=700)))


def _planted(bug: str) -> AbstractContextManager[None]:
    return next(each for each in PLANTED if each.id == bug).plant()


def _rules(tape: Tape) -> set[int]:
    return {violation.invariant for violation in run.play(tape).violations}


@pytest.mark.parametrize(
    ("bug", "rule"),
    [("K41", 17), ("K43", 17), ("K44", 15), ("K81", 20), ("M26", 19), ("K40", 11), ("K88", 20)],
)
def test_an_ordinary_day_is_enough_to_find(bug: str, rule: int) -> None:
    with _planted(bug):
        assert rule in _rules(DAY)


@pytest.mark.parametrize(
    ("wrong_pins", "bugs"),
    [((1,), ["K90"]), ((3,), ["K90", "K92"]), ((3, 0), ["K92"]), ((2, 2), ["K90", "K93"])],
)
def test_a_wrong_pin_gets_nothing_and_every_card_has_its_tries(wrong_pins: tuple[int, ...], bugs: list[str]) -> None:
    unsure = DAY.model_copy(update={"visits": tuple(Visit(person=0, wrong_pins=number) for number in wrong_pins)})
    assert _rules(unsure) == set()
    for bug in bugs:
        with _planted(bug):
            assert 18 in _rules(unsure), bug


def test_a_forged_approval_is_not_taken_for_one() -> None:
    """The person asks for more than the account has, and the answer is changed on its way."""
    forged = Act(fault="D8", at=Entry.CARD_READ, options={"instead": True})
    poor = DAY.model_copy(update={"visits": (Visit(person=6, amount=300, wrong_pins=1, acts=(forged,)),)})
    assert _rules(poor) == set()


def test_no_more_is_offered_after_a_refusal_than_the_host_has_said_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    spends = OnlineTransfer(yuan=4_000, times=1, at=Entry.CONFIRMED)
    day = DAY.model_copy(update={"visits": (Visit(person=0, amount=2_000, online=spends),)})
    assert _rules(day) == set()
    monkeypatch.setattr(withdrawal, "Declined", type("Nothing", (), {}))
    assert 17 in _rules(day)


def test_a_receipt_that_somebody_left_may_be_read_hours_later() -> None:
    gone = Act(fault="G2", at=Entry.HOST_REPLY, about=Subject.CASH, target="customer")
    visits = (Visit(person=0, acts=(gone,)), Visit(person=1, gap=31_000))
    assert _rules(Tape(seed=189, visits=visits)) == set()


@pytest.mark.parametrize(("fault", "options"), [("F1", {"seconds": 86_400}), ("F2", {"seconds": 86_400}), ("F6", {})])
def test_a_receipt_tells_the_host_s_time_whatever_becomes_of_the_wall_clock(
    fault: str, options: dict[str, Option], monkeypatch: pytest.MonkeyPatch
) -> None:
    jump = Act(fault=fault, at=Entry.HOST_REPLY, about=Subject.CASH, options=options)
    day = DAY.model_copy(update={"visits": (Visit(person=0, amount=300, acts=(jump,)),)})
    assert _rules(day) == set()
    monkeypatch.setattr(HostClock, "now", HostClock._wall_time)
    assert 17 in _rules(day)


def test_notes_that_lie_at_the_exit_do_not_count_as_taken() -> None:
    """They are left, and the dispenser does not answer any more."""
    mute = Act(fault="B17", at=Entry.PRESENT_DONE, target="cash_dispenser", options={"seconds": 90.0})
    left = Visit(person=0, amount=300, walks_away_at=Screen.TAKE_CASH, comes_back=False, lingers=0.0, acts=(mute,))
    day = DAY.model_copy(update={"visits": (left,)})
    assert _rules(day) == set()
    with _planted("K107"):
        assert 21 in _rules(day)


def test_a_customer_who_comes_last_must_be_served() -> None:
    def make(before: Any) -> Any:
        async def prepare(equipment: Any) -> Any:
            if equipment.visits >= len(DAY.visits):
                await asyncio.sleep(10**6)
            return await before(equipment)

        return prepare

    from terminal import effects

    with changed(effects, "prepare", make):
        assert 15 in _rules(DAY)


def test_an_offer_beyond_the_account_is_found() -> None:
    poor = DAY.model_copy(update={"visits": (Visit(person=7, amount=100),)})
    assert _rules(poor) == set()
    with _planted("K45"):
        assert 17 in _rules(poor)


def test_a_wrong_amount_on_the_confirmation_is_found() -> None:
    def make(before: Any) -> Any:
        return lambda amount_fen, *rest, **more: before(amount_fen + 100, *rest, **more)

    with changed(views, "confirm", make):
        assert 17 in _rules(DAY)


def test_nothing_at_the_exit_is_overlooked_while_idle() -> None:
    """A dispenser that can't take notes back leaves them; who comes next must not find them."""
    forgetful = Visit(person=0, amount=300, notes_taken=1, lingers=0.0)
    day = DAY.model_copy(update={"dispenser": "puloon-lcdm-4000", "visits": (forgetful, Visit(person=1))})
    assert _rules(day) == set()
    with changed(startup, "_clear", lambda _: lambda _: True):
        assert 14 in _rules(day)
