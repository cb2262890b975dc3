"""Whoever walks away or cancels, at whatever screen of a whole kiosk: card back or kept, and no money undecided."""

from dataclasses import replace

import pytest

from simulators.bench.customer import Plan
from simulators.bench.file import load_bench
from simulators.bench.play import Result, play
from simulators.bench.scenarios import SCENARIOS
from terminal.journal import Entry
from terminal.view import Screen, View
from terminal.visit import Ending

ASKING = (Screen.NOTICE, Screen.PIN, Screen.AMOUNT, Screen.OTHER_AMOUNT, Screen.CONFIRM)
"""Screens at which a person decides something."""

ODD_AMOUNT = 700
"""Yuan that the screen does not offer: it has to be typed."""


def tell(plan: Plan, ending: Ending, *, paid: int = 0, card_returned: bool = True) -> tuple[Result, list[View]]:
    """Play a visit, and what the screens showed."""
    seen: list[View] = []
    story = replace(SCENARIOS["withdraw"], plan=plan, ending=ending, amount_paid=paid, card_returned=card_returned)
    result = play("story", load_bench(), scenario=story, follow=lambda bench: bench.session.subscribe(seen.append))
    return result, seen


def unheld(result: Result) -> list[str]:
    return [check.name for check in result.checks if not check.held]


@pytest.mark.req("S1-29")
@pytest.mark.parametrize("screen", ASKING)
def test_every_question_has_a_prompt_a_time_limit_and_a_cancel_and_cancelling_is_safe(screen: Screen) -> None:
    amount = ODD_AMOUNT if screen is Screen.OTHER_AMOUNT else 500
    # CANCEL while an amount is typed leads back to the offers; the second one ends the visit.
    result, seen = tell(Plan(amount=amount, cancels_at=screen), Ending.CANCELLED)

    asked = next(view for view in seen if view.screen is screen)
    assert asked.lines != ()
    assert asked.deadline is not None
    assert asked.can_cancel
    assert unheld(result) == []
    assert result.card == "returned"


@pytest.mark.req("S1-29")
@pytest.mark.parametrize("screen", ASKING)
def test_who_walks_away_while_asked_leaves_no_money_undecided_and_the_card_in_the_bin(screen: Screen) -> None:
    """The card is put out, warned of, and kept: nobody is there to take it."""
    amount = ODD_AMOUNT if screen is Screen.OTHER_AMOUNT else 500
    plan = Plan(amount=amount, walks_away_at=screen, comes_back=False)
    result, seen = tell(plan, Ending.TIMED_OUT, card_returned=False)

    assert unheld(result) == []
    assert seen[-1].screen is Screen.IDLE


@pytest.mark.req("S1-29")
@pytest.mark.parametrize("screen", ASKING)
def test_who_is_too_slow_gets_the_card_back(screen: Screen) -> None:
    amount = ODD_AMOUNT if screen is Screen.OTHER_AMOUNT else 500
    result, _ = tell(Plan(amount=amount, walks_away_at=screen), Ending.TIMED_OUT)

    assert unheld(result) == []


@pytest.mark.req("S1-29", "S1-80")
def test_who_leaves_the_card_behind_before_the_money_gets_no_money_and_no_debit() -> None:
    plan = Plan(walks_away_at=Screen.TAKE_CARD, comes_back=False)
    result, _ = tell(plan, Ending.NOT_PAID, card_returned=False)

    assert unheld(result) == []


@pytest.mark.req("S1-29")
def test_who_leaves_the_notes_lying_is_debited_and_the_kiosk_lets_nobody_else_at_them() -> None:
    """A dispenser without a retract: the notes are in reach, so the debit stands."""
    result, seen = tell(Plan(walks_away_at=Screen.TAKE_CASH, comes_back=False), Ending.PAID, paid=500)

    assert unheld(result) == ["notes taken = account debit", "the amount is that of the story", "no note lies in reach"]
    assert result.account_debit_fen == 500_00
    assert Entry.CASH_LEFT in [record.kind for record in result.journal]
    assert seen[-1].screen is Screen.OUT_OF_SERVICE


def test_who_is_back_for_the_notes_gets_them() -> None:
    result, _ = tell(Plan(hesitation=(4.0, 6.0)), Ending.PAID, paid=500)

    assert unheld(result) == []
