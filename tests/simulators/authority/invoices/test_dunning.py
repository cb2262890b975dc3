"""Reminder, mark, recovery and block by the clock; extension; penalties only by people."""

from datetime import datetime

import pytest
from sqlalchemy import update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.notifications import notices_of
from simulators.authority.applications.texts import notice_text
from simulators.authority.invoices.penalties import credit_record, enter_credit_record, suspend_settlement
from simulators.authority.invoices.refusal import Key, Refused
from simulators.authority.people.codes import received
from simulators.authority.tables.invoices import CaseState, CreditEvent
from simulators.authority.tables.people import persons
from tests.simulators.authority.invoices.office import REVIEWER, Office
from tests.simulators.authority.kiosk import Clock, Kiosk

SUPERVISOR = Actor(Role.SUPERVISOR, "s1")


def after(clock: Clock, kiosk: Kiosk, days: float) -> None:
    clock.pass_(days=days)
    kiosk.sign_on()


@pytest.mark.req("S2-57")
def test_a_payout_without_invoices_is_reminded_marked_and_recovered_and_blocks_new_draws(
    office: Office, kiosk: Kiosk, clock: Clock
) -> None:
    office.pay_out(100_000)
    seen = []
    for days in (52, 1, 7, 1, 14, 15):  # due after 60 days
        after(clock, kiosk, days)
        office.dun()
        reply = kiosk.cash(10_000)
        if reply.code == "00":
            kiosk.confirm(reply, 0)
        seen.append((office.cases()[0].state, reply.code))

    assert seen == [
        (CaseState.OPEN, "00"),
        (CaseState.REMINDED, "00"),
        (CaseState.REMINDED, "00"),
        (CaseState.REMINDED, "62"),
        (CaseState.MARKED, "62"),
        (CaseState.RECOVERING, "62"),
    ]
    assert office.cases()[0].owed_fen == 100_000


@pytest.mark.req("S2-57")
def test_the_block_ends_with_the_invoices_or_the_money(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    case = office.pay_out(100_000)
    after(clock, kiosk, 95)
    office.dun()
    refused = kiosk.cash(10_000)
    assert (refused.code, [rule.rule for rule in refused.rules]) == ("62", ["suspension"])

    office.hand_in(case, amount_fen=60_000)
    assert kiosk.cash(10_000).code == "62"
    office.repay(case, 40_000)
    assert kiosk.cash(10_000).code == "00"


@pytest.mark.req("S2-57")
def test_the_clock_may_be_run_twice_and_late(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    office.pay_out(100_000)
    after(clock, kiosk, 95)

    assert kiosk.cash(10_000).code == "62"  # nobody has run it yet
    assert [office.dun(), office.dun()] == [1, 0]
    assert office.cases()[0].state is CaseState.RECOVERING


@pytest.mark.req("S2-57")
def test_the_authority_duns_by_itself(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    office.pay_out(100_000)
    after(clock, kiosk, 77)
    office.authority.do_what_is_due()

    assert office.cases()[0].state is CaseState.MARKED


@pytest.mark.req("S2-57")
def test_an_extension_begins_dunning_anew_once(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    case = office.pay_out(100_000)
    after(clock, kiosk, 80)
    office.dun()
    extended = office.extend(case)
    assert (extended.state, (extended.due - clock.now().date()).days) == (CaseState.OPEN, 30)
    assert kiosk.cash(10_000).code == "00"

    after(clock, kiosk, 62)
    office.dun()
    with pytest.raises(Refused) as refused:
        office.extend(case)
    assert [problem.key for problem in refused.value.problems] == [Key.NO_MORE_EXTENSIONS]
    with pytest.raises(Refused):
        office.extend(case, Actor(Role.TELLER, "t1"))


@pytest.mark.req("S2-57")
def test_the_clock_never_punishes(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    """However late: no line in the credit record, no suspension; a reviewer has to look at it first."""
    office.pay_out(100_000)
    after(clock, kiosk, 1000)
    office.dun()
    person = office.person()
    with office.work() as connection:
        assert credit_record(connection, person) == ()
    with pytest.raises(Refused) as refused, office.work() as connection:
        suspend_settlement(connection, SUPERVISOR, office.at, person, 2, "cash-out")
    assert [problem.key for problem in refused.value.problems] == [Key.SUSPENSION_MONTHS, Key.NO_REVIEW]


@pytest.mark.req("S2-57")
def test_after_a_review_settlement_is_suspended_for_months(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    case, person = office.pay_out(100_000), office.person()
    with office.work() as connection:
        enter_credit_record(connection, REVIEWER, office.at, person, CreditEvent.FALSE_INVOICE, "bought", case)
        suspend_settlement(connection, SUPERVISOR, office.at, person, 3, "false invoices")
        assert [entry.event for entry in credit_record(connection, person)] == [CreditEvent.FALSE_INVOICE]

    assert kiosk.cash(10_000).code == "62"
    clock.time = datetime(2026, 8, 20, 9, 59, tzinfo=clock.time.tzinfo)
    kiosk.sign_on()
    assert kiosk.cash(10_000).code == "62"
    office.hand_in(case)
    clock.pass_(minutes=2)
    assert kiosk.cash(10_000).code == "00"


def test_nobody_enters_his_own_record_and_none_without_a_reason(office: Office) -> None:
    person = office.person()
    wrong = [
        (Actor(Role.REVIEWER, "r2", person_id=person), "found"),
        (SUPERVISOR, "found"),
        (REVIEWER, " "),
    ]
    for actor, reason in wrong:
        with pytest.raises(Refused), office.work() as connection:
            enter_credit_record(connection, actor, office.at, person, CreditEvent.UNPROVEN_ADVANCE, reason)


@pytest.mark.req("S2-57")
def test_the_person_is_told_of_each_step(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    case, person = office.pay_out(100_000), office.person()
    with office.work() as connection:
        sealed = office.hsm.seal("13800005678")
        connection.execute(update(persons).where(persons.c.id == person).values(phone_sealed=sealed))
    for days in (55, 25, 20):
        after(clock, kiosk, days)
        office.dun()
    with office.work() as connection:
        told = received(connection, office.hsm, person)

    assert [message.kind for message in told] == [
        "settlement_reminded", "settlement_marked", "settlement_recovering",
    ]  # fmt: skip
    assert told[0].gaps == {"case": case.number, "due": "2026-07-19", "missing_fen": "100000"}
    with office.work() as connection:  # read at a kiosk or online too, also by who has no phone
        notices = [notice_text(each, "en") for each in reversed(notices_of(connection, person))]
    assert [each.split(":")[0] for each in notices] == [
        f"Hand in the invoices for case {case.number} by 2026-07-19",
        f"Case {case.number} was due on 2026-07-19 and is marked as late",
        f"Case {case.number} was due on 2026-07-19",
    ]


def test_a_payout_that_came_back_after_a_count_awaits_nothing(office: Office, kiosk: Kiosk, clock: Clock) -> None:
    reply = kiosk.cash(100_000)
    kiosk.confirm(reply, 0)

    assert office.cases() == ()
    assert office.dun() == 0
