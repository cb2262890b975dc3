"""Behind the PIN stands a menu, and in front of the card a guide: where their choices lead, and what ends them."""

import asyncio
from pathlib import Path

import pytest

from protocol.money_line import AmountType, CashRequest, QuoteRequest
from terminal import views
from terminal.journal import Entry
from terminal.pages import guide
from terminal.pages.offers import ACCOUNT, RETURN_CARD
from terminal.pages.page import MENU
from terminal.states import State
from terminal.texts import complaints, render
from terminal.view import Cancel, Choose, Fen, Help, Intent, Screen, SwitchAccessible, View, Words
from tests.terminal.fakes import LIMITS, TYPING, FakeKiosk

SEEN_ON_THE_WAY = (
    Screen.NOTICE,
    Screen.PIN,
    Screen.MENU,
    Screen.AMOUNT,
    Screen.CONFIRM,
    Screen.TAKE_CARD,
    Screen.TAKE_CASH,
    Screen.FINISHED,
)
"""What a person reads and answers for cash; "please wait" asks for nothing."""


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


def once_each(kiosk: FakeKiosk, screen: Screen, *intents: Intent) -> None:
    """The customer answers this screen with these, one at a time, whenever it is shown anew."""
    waiting = list(intents)
    shown: list[float | None] = []
    kiosk.answers[screen] = None

    def see(view: View) -> None:
        if view.screen is screen and view.deadline not in shown and waiting:
            shown.append(view.deadline)
            kiosk.act(waiting.pop(0))

    kiosk.session.subscribe(see)


@pytest.mark.req("S1-02")
async def test_a_withdrawal_is_one_visit_of_eight_screens(kiosk: FakeKiosk) -> None:
    assert await kiosk.visit() is State.IDLE

    asked = [view.screen for view in kiosk.views if view.screen in (*SEEN_ON_THE_WAY, Screen.OTHER_AMOUNT)]
    assert tuple(dict.fromkeys(asked)) == SEEN_ON_THE_WAY
    assert kiosk.ending == "paid"


@pytest.mark.parametrize("choice", [views.CASH, ACCOUNT, RETURN_CARD])
async def test_a_touch_at_the_very_end_of_the_time_limit_comes_too_late_and_harms_nothing(
    kiosk: FakeKiosk, choice: str
) -> None:
    kiosk.answers[Screen.MENU] = None
    touched = asyncio.get_running_loop().create_future()

    async def touch() -> None:
        while kiosk.session.state is State.MENU:  # noqa: ASYNC110  # between two steps of the loop
            await asyncio.sleep(0)
        touched.set_result(kiosk.session.view.screen)
        await kiosk.session.intent(Choose(choice))

    def see(view: View) -> None:
        if view.screen is Screen.MENU and view.deadline is not None:
            loop = asyncio.get_running_loop()
            loop.call_at(view.deadline, lambda: touches.append(asyncio.ensure_future(touch())))

    touches: list[asyncio.Task[None]] = []
    kiosk.session.subscribe(see)
    await kiosk.visit()

    assert touched.result() is Screen.MENU, "the state had moved on, the screen had not"
    await asyncio.gather(*touches)
    assert kiosk.ending == "timed_out"


@pytest.mark.req("S1-65", "S1-01")
async def test_the_menu_comes_after_the_pin_with_the_business_by_its_name_and_a_risk_notice(kiosk: FakeKiosk) -> None:
    await kiosk.visit()

    screens = [view.screen for view in kiosk.views]
    assert screens.index(Screen.PIN) < screens.index(Screen.MENU) < screens.index(Screen.CONFIRM)
    menu = next(view for view in kiosk.views if view.screen is Screen.MENU)
    assert "跨市取现" in render(menu.choices[0].words, "zh_CN")
    assert Words("menu.risk") in menu.lines


@pytest.mark.req("S1-65")
async def test_the_card_is_returned_from_the_menu_and_no_money_was_asked_for(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.MENU] = Choose(RETURN_CARD)

    assert await kiosk.visit() is State.IDLE

    assert kiosk.ending == "enquired"
    assert kiosk.host.of(CashRequest) == []
    assert Entry.CARD_TAKEN in kiosk.kinds()
    assert any(view.screen is Screen.FINISHED for view in kiosk.views)


@pytest.mark.req("S1-65")
@pytest.mark.parametrize("code", ["57", "58", "61", "51", "65"])
async def test_cash_that_can_not_be_had_is_explained_and_the_rest_stays_offered(kiosk: FakeKiosk, code: str) -> None:
    kiosk.host.codes[QuoteRequest] = [code]

    assert await kiosk.visit() is State.IDLE

    explained = next(view for view in kiosk.views if view.lines and view.lines[0] == Words("menu.no_cash"))
    assert Words(f"code.{code}") in explained.lines
    assert {ACCOUNT, RETURN_CARD} <= {choice.id for choice in explained.choices}
    assert kiosk.ending == "declined"
    assert kiosk.host.of(CashRequest) == []


@pytest.mark.parametrize("code", ["14", "41", "75", "62"])
async def test_who_has_not_shown_to_know_the_pin_sees_no_menu(kiosk: FakeKiosk, code: str) -> None:
    """These answers tell no amounts: the host stopped before the PIN."""
    kiosk.host.codes[QuoteRequest] = [code]
    kiosk.host.amounts_with_refusals = False

    await kiosk.visit()

    assert Screen.MENU not in [view.screen for view in kiosk.views]


async def test_the_balance_is_a_page_and_cash_can_be_had_after_it(kiosk: FakeKiosk) -> None:
    once_each(kiosk, Screen.MENU, Choose(ACCOUNT), Choose(views.CASH))
    kiosk.answers[Screen.ACCOUNT] = Choose(MENU)

    await kiosk.visit()

    account = next(view for view in kiosk.views if view.screen is Screen.ACCOUNT)
    told = {line.key: line.values["amount"] for line in account.lines}
    assert isinstance(told["account.available"], Fen)
    assert kiosk.ending == "paid"
    assert len(kiosk.host.of(QuoteRequest)) == 1


@pytest.mark.req("S1-29", "S1-68")
@pytest.mark.parametrize("screen", [Screen.MENU, Screen.ACCOUNT])
@pytest.mark.parametrize("how", ["cancelled", "timed_out"])
async def test_who_gives_up_on_a_page_gets_the_card_back_and_the_screen_is_cleared(
    kiosk: FakeKiosk, screen: Screen, how: str
) -> None:
    if screen is Screen.ACCOUNT:
        kiosk.answers[Screen.MENU] = Choose(ACCOUNT)
    kiosk.answers[screen] = Cancel() if how == "cancelled" else None

    assert await kiosk.visit() is State.IDLE

    assert kiosk.ending == how
    last = max(number for number, view in enumerate(kiosk.views) if view.screen is screen)
    deadline = kiosk.views[last].deadline
    assert deadline is not None
    if how == "timed_out":
        assert 0 <= kiosk.seen_at[last + 1] - deadline <= 1
    for view in kiosk.views[last + 1 :]:
        assert not any(isinstance(value, Fen) for line in view.lines for value in line.values.values())
    assert kiosk.session._customer.visit.page is None
    assert kiosk.session._customer.visit.amounts == {}


# --- Without a card


async def test_the_guide_is_read_without_a_card_and_closes_by_itself(kiosk: FakeKiosk) -> None:
    kiosk.reader.cards.clear()
    once_each(kiosk, Screen.HELP, Choose("topics"))
    kiosk.run()
    await kiosk.until(Screen.IDLE)

    await kiosk.session.intent(Choose(views.INFORMATION))
    await kiosk.until(Screen.HELP)
    await kiosk.until(Screen.IDLE)

    assert kiosk.session.state is State.IDLE
    assert kiosk.records(Entry.VISIT_BEGUN) == []
    await kiosk.stop()


async def test_a_card_can_be_inserted_while_the_guide_is_read(kiosk: FakeKiosk) -> None:
    kiosk.session.subscribe(lambda view: kiosk.act(Choose(views.INFORMATION)) if view.screen is Screen.IDLE else None)
    kiosk.reader.before_card = 10 * TYPING

    assert await kiosk.visit() is State.IDLE

    assert Screen.HELP in [view.screen for view in kiosk.views]
    assert kiosk.ending == "paid"
    assert len(kiosk.called("read_raw_data")) == 2, "once for this person, once for the next: nothing cut it short"


async def test_close_leads_back_to_the_first_screen(kiosk: FakeKiosk) -> None:
    kiosk.reader.cards.clear()
    kiosk.answers[Screen.HELP] = Choose(guide.CLOSE)
    kiosk.run()
    await kiosk.until(Screen.IDLE)
    await kiosk.session.intent(Choose(views.INFORMATION))

    await kiosk.until(Screen.HELP)
    await kiosk.until(Screen.IDLE)

    await kiosk.stop()


# --- On every screen


@pytest.mark.req("S2-68")
@pytest.mark.parametrize("screen", [*SEEN_ON_THE_WAY, Screen.IDLE, Screen.PLEASE_WAIT, Screen.READING_CARD])
async def test_help_with_hotline_and_terminal_is_one_key_away_and_disturbs_nothing(
    kiosk: FakeKiosk, screen: Screen
) -> None:
    kiosk.session.subscribe(
        lambda view: kiosk.act(Help(), after=TYPING / 2) if view.screen is screen and not view.helping else None
    )

    await kiosk.visit()

    shown = [view for view in kiosk.views if view.helping]
    for view in shown:
        assert Words("help.call", {"hotline": "12393"}) in view.help
        assert Words("help.tell", {"terminal": "33100001"}) in view.help
        assert not [complaint for line in view.help for complaint in complaints(line)]
    assert all(view.help for view in kiosk.views if view.screen is screen)


async def test_nothing_can_be_chosen_behind_the_help(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.CONFIRM] = None
    kiosk.run()
    await kiosk.until(Screen.CONFIRM)

    await kiosk.session.intent(Help())
    await kiosk.session.intent(Choose(views.CONFIRM))
    assert kiosk.session.view.helping
    await kiosk.until(Screen.TAKE_CARD)

    assert kiosk.host.of(CashRequest) == []
    await kiosk.stop()


@pytest.mark.req("S1-51")
async def test_the_accessible_mode_speaks_and_gives_twice_the_time(kiosk: FakeKiosk) -> None:
    kiosk.reader.cards.clear()
    kiosk.run()
    await kiosk.until(Screen.IDLE)
    assert kiosk.session.view.voice == ()

    await kiosk.session.intent(SwitchAccessible())

    assert kiosk.session.view.accessible
    assert kiosk.session.view.title in kiosk.session.view.voice
    limits = kiosk.session._customer.limits
    assert (limits.customer, limits.pin, limits.card_taken, limits.cash_taken) == (
        2 * LIMITS.customer,
        2 * LIMITS.pin,
        2 * LIMITS.card_taken,
        2 * LIMITS.cash_taken,
    )
    assert limits.host_reply == LIMITS.host_reply
    await kiosk.stop()


@pytest.mark.req("S1-51")
async def test_switching_to_the_accessible_mode_gives_more_time_to_the_screen_that_is_shown(kiosk: FakeKiosk) -> None:
    once_each(kiosk, Screen.NOTICE, SwitchAccessible())

    await kiosk.visit()

    times = [view.deadline for view in kiosk.views if view.screen is Screen.NOTICE and view.deadline]
    assert times[-1] - times[0] == pytest.approx(LIMITS.customer - TYPING)
    assert [view.accessible for view in kiosk.views][-1] is False, "the next person begins in the usual mode"


async def test_a_voice_never_says_what_is_typed(kiosk: FakeKiosk) -> None:
    once_each(kiosk, Screen.NOTICE, SwitchAccessible(), Choose(views.AGREE))

    await kiosk.visit()

    pins = [view for view in kiosk.views if view.screen is Screen.PIN]
    assert len(pins) > 1
    assert [view.voice for view in pins] == [(pins[0].title, *pins[0].lines)] * len(pins)


async def test_amounts_of_the_quote_are_told_in_their_order(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.MENU] = Choose(ACCOUNT)

    await kiosk.visit()

    account = next(view for view in kiosk.views if view.screen is Screen.ACCOUNT)
    assert account.lines[0].key == "account.balance"
    assert AmountType.LEDGER not in kiosk.session._customer.visit.amounts
