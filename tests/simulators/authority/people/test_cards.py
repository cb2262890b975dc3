"""Loss, replacement and activation of cards, seen from the counter and from kiosks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from protocol.money_line import AmountType, QuoteReply
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.authority import Authority
from simulators.authority.people.cards import freeze_card, unfreeze_card
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.people.register import set_card_state
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.tables.ledger import draws
from simulators.authority.tables.people import CardState, LossKind
from simulators.authority.tables.supervision import audit_events
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk
from tests.simulators.authority.people.counter import NEW_CARD, REVIEWER, TELLER, Counter

JIA_ANEW = replace(JIA, pan=NEW_CARD.pan, expiry=NEW_CARD.expiry, pin="908172")


def rest_of_day(quoted: QuoteReply) -> int:
    assert quoted.amounts is not None
    return quoted.amounts[AmountType.REST_OF_DAY]


def keys(refused: pytest.ExceptionInfo[Refused]) -> list[Key]:
    return [problem.key for problem in refused.value.problems]


@pytest.mark.req("S1-73")
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.ONLINE, Channel.ATM])
def test_a_temporary_report_counts_in_every_channel_at_once_and_lapses_by_itself(
    kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter, clock: Clock, channel: Channel
) -> None:
    until = counter.report_loss(channel=channel)
    assert until == clock.now() + timedelta(days=7)
    assert kiosk.cash(10_000).code == far_kiosk.quote().code == "41"

    clock.pass_(days=7, seconds=-1)
    kiosk.sign_on()
    assert kiosk.cash(10_000).code == "41"
    clock.pass_(seconds=1)
    assert kiosk.cash(10_000).code == "00"


@pytest.mark.req("S1-73")
def test_a_loss_reported_in_an_open_visit_refuses_the_authorisation(
    kiosk: Kiosk, counter: Counter, authority: Authority
) -> None:
    """The PIN was right a moment ago; no hold is left."""
    assert kiosk.quote().code == "00"
    counter.report_loss()

    assert kiosk.cash(10_000).code == "41"
    assert authority.held_fen(JIA.pan) == 0


@pytest.mark.req("S1-73")
def test_a_loss_reported_after_the_authorisation_lets_the_payout_finish(
    kiosk: Kiosk, counter: Counter, authority: Authority
) -> None:
    approved = kiosk.cash(10_000)
    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)

    assert kiosk.confirm(approved, 10_000).code == "00"
    assert authority.account_debit_fen(JIA.pan) == 10_000
    assert kiosk.cash(10_000).code == "41"


@pytest.mark.req("S1-74")
def test_a_found_card_is_usable_after_the_lapse_but_never_after_a_replacement(
    kiosk: Kiosk, counter: Counter, clock: Clock
) -> None:
    counter.report_loss()
    clock.pass_(days=8)
    kiosk.sign_on()
    assert kiosk.quote().code == "00"

    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)
    counter.replace()
    clock.pass_(days=400)
    kiosk.sign_on()
    assert kiosk.quote().code == "04"
    with pytest.raises(Refused) as refused:
        counter.take_back_loss()
    assert keys(refused) == [Key.CARD_REPLACED]


@pytest.mark.req("S1-74")
def test_loss_new_card_activation_and_everything_goes_on_with_the_person(
    kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter, authority: Authority
) -> None:
    approved = kiosk.cash(20_000)
    kiosk.confirm(approved, 20_000)
    day_left = rest_of_day(kiosk.quote())

    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)
    assert (kiosk.quote().code, far_kiosk.quote().code) == ("41", "41")
    counter.replace()
    assert kiosk.quote(JIA_ANEW).code == "56"

    counter.register_phone()
    assert counter.activate(counter.code()).problems == ()
    quoted = kiosk.quote(JIA_ANEW)
    assert (quoted.code, rest_of_day(quoted)) == ("00", day_left)
    assert authority.balance_fen(NEW_CARD.pan) == 980_000
    assert kiosk.cash(10_000, JIA_ANEW).code == "00"
    assert authority.account_debit_fen(JIA.pan) == authority.account_debit_fen(NEW_CARD.pan) == 20_000


@pytest.mark.req("S1-79", "S1-74")
def test_the_same_application_finishes_with_the_new_card(kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter) -> None:
    person = counter.person()
    with counter.work() as connection:
        granted = grant(connection, person, Granted(JIA.region, 50_000), counter.at)
    kiosk.confirm(kiosk.cash(20_000), 20_000)

    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)
    assert (kiosk.cash(10_000).code, far_kiosk.quote().code) == ("41", "41")
    counter.replace()
    counter.register_phone()
    assert counter.activate(counter.code()).problems == ()
    paid = kiosk.cash(30_000, JIA_ANEW)
    assert paid.code == "00"
    kiosk.confirm(paid, 30_000)
    with counter.work() as connection:
        drawn = connection.execute(select(draws.c.application_id, draws.c.confirmed_fen).order_by(draws.c.id)).all()
    assert [tuple(row) for row in drawn] == [(granted.id, 20_000), (granted.id, 30_000)]


@pytest.mark.req("S1-74")
def test_a_card_is_replaced_after_a_formal_report_or_when_it_is_handed_in(counter: Counter) -> None:
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            counter.replace()
        assert keys(refused) == [Key.CARD_NOT_REPORTED_FORMALLY]
        counter.report_loss()  # for a time: not enough

    assert counter.replace(YI, handed_in=True).state is CardState.NOT_ACTIVATED
    assert counter.state(YI.pan) is CardState.REPLACED


@pytest.mark.req("S1-74")
def test_a_new_card_needs_numbers_that_are_right_and_free(counter: Counter) -> None:
    with pytest.raises(Refused) as refused:
        counter.replace(new=replace(NEW_CARD, card_number="S00000038", pan=YI.pan), handed_in=True)

    assert keys(refused) == [Key.CARD_NUMBER_WRONG, Key.CARD_NUMBER_TAKEN]
    assert counter.state() is CardState.ACTIVE


@pytest.mark.req("S1-73")
def test_a_formal_report_needs_the_counter_and_the_document(counter: Counter) -> None:
    with pytest.raises(Refused) as refused:
        counter.report_loss(LossKind.FORMAL, Channel.ONLINE)

    assert keys(refused) == [Key.ONLY_AT_THE_COUNTER, Key.DOCUMENT_MISSING]
    assert counter.state() is CardState.ACTIVE


def test_nobody_reports_the_card_of_somebody_else(counter: Counter) -> None:
    with pytest.raises(Refused) as refused:
        counter.report_loss(actor=counter.himself(YI))

    assert keys(refused) == [Key.NOT_FOR_YOU]


def test_a_second_report_goes_on_from_now_and_a_formal_one_ends_the_lapse(counter: Counter, clock: Clock) -> None:
    first = counter.report_loss()
    clock.pass_(days=3)
    second = counter.report_loss()
    assert first is not None
    assert second == first + timedelta(days=3)

    assert counter.report_loss(LossKind.FORMAL, Channel.COUNTER) is None
    clock.pass_(days=30)
    assert counter.state() is CardState.LOST
    with pytest.raises(Refused) as refused:
        counter.report_loss()
    assert keys(refused) == [Key.CARD_LOST]


def test_a_report_that_is_taken_back_leaves_the_card_as_it_was(counter: Counter, authority: Authority) -> None:
    authority.set_card_state(JIA.pan, CardState.FROZEN)
    counter.report_loss()

    assert counter.take_back_loss(Channel.ONLINE).state is CardState.FROZEN


def test_a_formal_report_is_taken_back_at_the_counter_only(counter: Counter) -> None:
    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)
    with pytest.raises(Refused) as refused:
        counter.take_back_loss(Channel.ONLINE)

    assert keys(refused) == [Key.ONLY_AT_THE_COUNTER]
    assert counter.take_back_loss().state is CardState.ACTIVE


def test_a_freeze_outlasts_a_loss_report_and_ends_by_order(counter: Counter, clock: Clock) -> None:
    counter.report_loss()
    lost = counter.card()
    with counter.work() as connection:
        freeze_card(connection, REVIEWER, counter.at, lost, "investigation")
    clock.pass_(days=8)
    frozen = counter.card()
    assert frozen.state_at(counter.at) is CardState.FROZEN

    with pytest.raises(Refused), counter.work() as connection:
        unfreeze_card(connection, TELLER, counter.at, frozen, "asked nicely")
    with counter.work() as connection:
        unfreeze_card(connection, REVIEWER, counter.at, frozen, "closed")
    assert counter.state() is CardState.ACTIVE


def test_freezing_and_letting_go_on_activate_no_card(counter: Counter) -> None:
    card = counter.card()
    with counter.work() as connection:
        set_card_state(connection, card, CardState.NOT_ACTIVATED)
    card = counter.card()
    with pytest.raises(Refused) as refused, counter.work() as connection:
        freeze_card(connection, REVIEWER, counter.at, card, "inquiry")
    assert keys(refused) == [Key.CARD_NOT_ACTIVE]
    with pytest.raises(Refused), counter.work() as connection:
        unfreeze_card(connection, REVIEWER, counter.at, card, "closed")
    assert counter.state() is CardState.NOT_ACTIVATED


def test_a_loss_report_is_in_the_audit_chain(counter: Counter) -> None:
    counter.report_loss()

    with counter.work() as connection:
        told = connection.execute(select(audit_events.c.event, audit_events.c.subject, audit_events.c.role)).all()
    assert ("loss reported", f"card:{counter.card().id}", "person") in [tuple(row) for row in told]
