"""What screens say: every key has words in every language, and each screen what its moment needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.money_line import AmountType, ResponseCode
from terminal import views
from terminal.card import Rejection
from terminal.equipment import Notices
from terminal.host_answers import Declined, NoAnswer, Quote
from terminal.states import FAULTS, Event
from terminal.texts import languages, render
from terminal.view import EntryKind, Fen, Screen, View, Words
from terminal.visit import Ending, Visit
from tests.terminal.fakes import FakeKiosk
from tests.terminal.money_host import START

NOTICES = Notices("33100001", "12393", "08:30-17:00", "2")
QUOTE = Quote({AmountType.LEDGER: 3_200_00, AmountType.AVAILABLE: 3_199_99, AmountType.MAXIMUM_DRAW: 2_000_00})

REASONS = (
    "card_reader",
    "pin_pad",
    "cash_dispenser",
    "receipt_printer",
    "host_line",
    "journal",
    "journal_set_back",
    "power",
    "no_cash",
    "count_needed",
    "operator",
    "internal",
)


def every_view() -> Iterator[View]:
    """One of each kind."""
    yield views.starting()
    for reason in REASONS:
        yield views.out_of_service(reason, NOTICES, card_inside=True)
    yield views.idle(NOTICES, [100_00, 50_00], receipt_hint=Words("idle.no_receipt"))
    yield views.reading_card()
    yield views.notice(NOTICES, Visit(first_time=True), receipt_hint=Words("notice.paper_low"))
    yield views.notice(NOTICES, Visit(closed_until=START, closed_at_home_until=START))
    yield from (views.pin(tries) for tries in (None, 2))
    for what in ("quoting", "authorising", "counting", "settling", "printing", "capturing"):
        yield views.please_wait(what)
    yield views.amount(QUOTE, [100_00, 2_000_00], limited_by_notes=True, hint=Words("other_amount.zero"))
    yield views.other_amount(2_000_00, 50_00, Words("other_amount.not_with_notes", {"amount": Fen(75_00)}))
    yield views.confirm(500_00, QUOTE, NOTICES, receipt_hint=Words("confirm.paper_low"))
    yield views.take_card(views.ended(Event.CANCELLED))
    yield views.card_forgotten(views.take_card(cash_follows=True))
    yield views.take_cash(500_00, "5 x 100")
    for ending in Ending:
        yield views.goodbye(Visit(ending=ending, card_retained=True, reasons=views.card_unreadable()), NOTICES)
    for rejection in Rejection:
        yield views.take_card(views.card_rejected(rejection))
    for code in ResponseCode:
        yield views.take_card(views.refused(Declined(code, code)))
    yield views.take_card((*views.refused(NoAnswer("silence", sent=True)), *views.nothing_to_pay(QUOTE)))
    for cause in (*FAULTS, Event.TIMED_OUT):
        yield views.take_card(views.ended(cause))


@pytest.mark.parametrize("language", languages())
def test_all_screens_have_their_words_and_no_value_is_missing(language: str) -> None:
    for view in every_view():
        for words in (view.title, *view.lines, *(choice.words for choice in view.choices)):
            text = render(words, language)
            assert text
            assert "{" not in text
            assert not text.startswith("["), text


def test_the_idle_screen_tells_hours_notes_terminal_and_hotline() -> None:
    text = "\n".join(render(line, "en") for line in views.idle(NOTICES, [100_00, 50_00]).lines)

    for told in ("08:30-17:00", "100 / 50", "33100001", "12393"):
        assert told in text


def test_every_screen_that_asks_has_a_way_to_give_up() -> None:
    asking = [view for view in every_view() if (view.choices or view.entry) and view.screen is not Screen.IDLE]

    assert {view.screen for view in asking} == {
        Screen.NOTICE,
        Screen.PIN,
        Screen.AMOUNT,
        Screen.OTHER_AMOUNT,
        Screen.CONFIRM,
    }
    assert all(view.can_cancel for view in asking)


def test_no_screen_can_be_cancelled_while_something_moves() -> None:
    moving = (Screen.TAKE_CARD, Screen.TAKE_CASH, Screen.PLEASE_WAIT, Screen.READING_CARD)

    assert not any(view.can_cancel or view.choices for view in every_view() if view.screen in moving)


def test_a_pin_field_is_of_the_kind_that_shows_stars() -> None:
    entry = views.pin(None).entry

    assert entry is not None
    assert (entry.kind, entry.shown) == (EntryKind.PIN, "")


def test_the_confirmation_tells_what_is_left_afterwards() -> None:
    view = views.confirm(500_00, QUOTE, NOTICES)

    assert Words("confirm.balance_after", {"balance": Fen(2_700_00)}) in view.lines


async def test_the_last_screen_gives_the_reference_where_no_receipt_came(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    kiosk.printer.script["print_form"] = [ConnectionError("no printer")]
    await kiosk.visit()

    last = next(view for view in kiosk.views if view.screen is Screen.FINISHED)
    assert Words("finished.no_receipt", {"reference": "000000000002"}) in last.lines
    assert Words("finished.receipt") not in last.lines
